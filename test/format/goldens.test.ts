import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Formatted, formatBuildFile } from '../../src/format/index.ts';

/** fixtures/format: each folder has a build file and what it becomes. */
const test = suite('formatter');
const folder = 'fixtures/format';

for (const name of readdirSync(folder)) {
  const expected = readFileSync(`${folder}/${name}/expected`, 'utf8');

  test(`writes ${name} as it should be`, () => {
    assert.fixture(textOf(formatBuildFile(readFileSync(`${folder}/${name}/Dockerfile`, 'utf8'))), expected);
  });

  test(`leaves ${name} alone the second time`, () => {
    assert.fixture(textOf(formatBuildFile(expected)), expected);
  });
}

test('does not touch a file with errors', () => {
  const formatted = formatBuildFile('FROM a\nCOPPY a b\n');
  assert.is(formatted.kind, 'faulty');
  if (formatted.kind === 'faulty') assert.equal([formatted.diagnostics[0]?.code], ['unknown-instruction']);
});

test('keeps an escape character at the end from continuing the line', () => {
  for (const text of ['FROM a\nRUN b \\\f\nRUN c\n', 'FROM a\nRUN b \\ \\', 'FROM a\nRUN b \\\\\nRUN c\n']) {
    assert.is(textOf(formatBuildFile(text)).trimEnd(), text.trimEnd());
  }
});

test('formats five thousand lines at once', () => {
  const text = `FROM a\n${'run  a && \\\n  b "c \\\n d"\nENV  A=1   B=2\nCOPY a  b\n'.repeat(1000)}`;
  const start = performance.now();
  textOf(formatBuildFile(text));
  const milliseconds = performance.now() - start;
  assert.ok(milliseconds < 5000, `${Math.round(milliseconds)} ms`);
});

function textOf(formatted: Formatted): string {
  if (formatted.kind === 'formatted') return formatted.text;
  throw new Error(JSON.stringify(formatted.diagnostics));
}

test.run();
