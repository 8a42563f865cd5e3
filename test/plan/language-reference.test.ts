import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { outcomeOf, showDiagnostic } from './plan-support.ts';

/** `docs/build-file.md`: an example means what it is to show, and one that is marked `error` is refused. */
const test = suite('examples of the language reference');
const page = readFileSync(new URL('../../docs/build-file.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```dockerfile(.*)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = ''], index) => ({
  title: `${index + 1}: ${text.split('\n').find((line) => !line.startsWith('#'))}`,
  isRefused: kind.trim() === 'error',
  text,
}));

for (const { title, isRefused, text } of examples) {
  test(`example ${title}`, () => assert.is(faultsOf(text) !== '', isRefused, faultsOf(text)));
}

/** Errors and warnings of an example; one without FROM is taken for part of a stage. */
function faultsOf(text: string): string {
  const isWhole = /^FROM /m.test(text);
  const outcome = outcomeOf(isWhole ? text : `FROM alpine\n${text}`);
  return outcome.diagnostics
    .filter(({ code }) => code !== 'JSONArgsRecommended')
    .map(showDiagnostic)
    .join('\n');
}

test('every instruction has an example, and every check a page', () => {
  const shown = new Set(examples.flatMap(({ text }) => parseBuildFile(text).instructions.map(({ kind }) => kind)));
  const all =
    'add arg cmd copy entrypoint env expose from healthcheck label onbuild run shell stopsignal user volume workdir';
  assert.equal([...shown].sort(), all.split(' '));
  assert.ok(examples.length >= 15);
});

test('links within the page lead somewhere', () => {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
    text!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target!);
  assert.equal(
    links.filter((link) => !headings.includes(link)),
    [],
  );
});

test.run();
