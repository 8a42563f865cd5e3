import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { createLintFile } from '../../src/lint/lint-file.ts';
import { LINT_RULES } from '../../src/lint/rules/index.ts';
import { findingsOf } from './lint-support.ts';

const test = suite("mkimage's own checks");
const here = dirname(fileURLToPath(import.meta.url));

for (const line of readFileSync(join(here, 'rules.txt'), 'utf8').split('\n')) {
  if (line === '' || line.startsWith('#')) continue;
  const [, name = '', sign, body = ''] = /^(\w+) \| ([+-]) \| (.*)$/.exec(line) ?? [];
  test(`${name} ${sign === '+' ? 'finds' : 'passes'} ${body}`, () => {
    const rule = LINT_RULES.find((known) => known.name === name)!;
    const text = `FROM a:1\n${body.replaceAll('\\n', '\n').replaceAll('\\\\', '\\')}\n`;
    const parsed = parseBuildFile(text);
    assert.equal(parsed.diagnostics, []);
    const hits = [...rule.find(createLintFile(parsed, text))];
    assert.is(hits.length > 0, sign === '+', hits.map(({ detail }) => detail).join('\n'));
  });
}

const PIP = 'RUN pip install flask';
const BOTH = ['PipCacheKept', 'UnpinnedPipPackage'];

/** Names of the checks that speak up on an instruction below some lines. */
function names(...lines: readonly string[]): readonly string[] {
  return findingsOf([...lines, ''].join('\n')).map((found) => found.replace(/^\d+: /, ''));
}

test('checks are skipped by name and by code, for the file', () => {
  assert.equal(names('FROM a:1', PIP), BOTH);
  assert.equal(names('# check=skip=PipCacheKept', 'FROM a:1', PIP), ['UnpinnedPipPackage']);
  assert.equal(names('# check=skip=DL3042,DL3013', 'FROM a:1', PIP), []);
  assert.equal(names('# check=skip=all', 'FROM a:1', PIP), []);
  assert.equal(names('# hadolint global ignore=DL3042', 'FROM a:1', PIP), ['UnpinnedPipPackage']);
});

test('checks are skipped by name and by code, for one instruction', () => {
  assert.equal(names('FROM a:1', '# check=skip=UnpinnedPipPackage', PIP, 'USER 1'), ['PipCacheKept']);
  assert.equal(names('FROM a:1', '# hadolint ignore=DL3013, DL3042', PIP, 'USER 1', PIP), BOTH);
  assert.equal(names('FROM a:1', '# because', '# hadolint ignore=PipCacheKept', PIP), ['UnpinnedPipPackage']);
});

test("hadolint's comments count for BuildKit's checks, too", () => {
  assert.equal(names('FROM a:1', 'CMD run', 'MAINTAINER me'), ['JSONArgsRecommended', 'MaintainerDeprecated']);
  assert.equal(names('FROM a:1', '# hadolint ignore=DL3025', 'CMD run', 'MAINTAINER me'), ['MaintainerDeprecated']);
});

test('checks by request are made when they are asked for, and can still be skipped', () => {
  const apt = 'RUN apt-get install -y --no-install-recommends curl';
  assert.equal(names('FROM a:1', apt), []);
  assert.equal(names('# check=experimental=UnpinnedAptPackage', 'FROM a:1', apt), ['UnpinnedAptPackage']);
  assert.equal(names('# check=experimental=DL3008', 'FROM a:1', apt), ['UnpinnedAptPackage']);
  assert.equal(names('FROM a:1', '# check=experimental=all', apt), ['UnpinnedAptPackage']);
  assert.equal(names('# check=experimental=all;skip=UnpinnedAptPackage', 'FROM a:1', 'HEALTHCHECK NONE', apt), []);
});

test('names that the caller gives contexts for are neither stages nor images', () => {
  const text = 'FROM base\nCOPY --from=tools /a /b\n';
  const contexts = { base: { kind: 'directory' }, tools: { kind: 'directory' } } as const;
  assert.equal(findingsOf(text), ['1: UntaggedBaseImage', '2: UnknownCopySource']);
  assert.equal(findingsOf(text, { contexts }), []);
});

test('findings point at the words that they are about', () => {
  const text = 'FROM a:1\nRUN true && \\\n  # more\n  pip \\\n  install x\n';
  const parsed = parseBuildFile(text);
  const rule = LINT_RULES.find(({ name }) => name === 'PipCacheKept')!;
  const [hit] = [...rule.find(createLintFile(parsed, text))];
  const { start, end } = hit!.range;
  assert.is(text.slice(start.offset, end.offset), 'pip \\\n  install x');
  assert.equal([start.line, start.column, end.line, end.column], [4, 3, 5, 12]);
});

test.run();
