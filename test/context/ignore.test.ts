import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ignoreMatch, parseIgnoreFile } from '../../src/context/patterns/ignore.ts';
import { compilePatterns } from '../../src/context/patterns/path-matcher.ts';
import { isMkimageError, type MkimageError } from '../../src/errors.ts';

/** Its types promise a default export that it has not. */
const dockerignore = createRequire(import.meta.url)(
  '@balena/dockerignore',
) as typeof import('@balena/dockerignore').default;

const test = suite('.dockerignore');

const table = readFileSync(new URL('./tables/ignore.txt', import.meta.url), 'utf8');
const [paths = '[]', ...rows] = table.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

for (const row of rows) {
  const [, text, hidden] = /^("(?:[^"\\]|\\.)*") (.*)$/.exec(row)!;
  test(`${text} hides ${hidden === '-' ? 'nothing' : hidden}`, () => {
    assert.is(hiddenBy(JSON.parse(text!)), hidden);
  });
}

/** The hidden paths as the table writes them. */
function hiddenBy(text: string): string {
  try {
    const rules = parseIgnoreFile(text, '.dockerignore');
    const hidden = (JSON.parse(paths) as string[]).filter((path) => ignoreMatch(rules, path) !== undefined);
    return hidden.map((path) => JSON.stringify(path)).join(' ') || '-';
  } catch (error) {
    if (isMkimageError(error, 'build-file')) return 'malformed';
    throw error;
  }
}

test('the table was read', () => {
  assert.ok(rows.length >= 100);
});

test('the last line that covers a path is named, even when it covers a directory above it', () => {
  const rules = parseIgnoreFile('# jars\n\n*.jar\n target/ \n!target/app.jar\n', 'Dockerfile.dockerignore');
  assert.equal(ignoreMatch(rules, 'a.jar'), { file: 'Dockerfile.dockerignore', line: 3, pattern: '*.jar' });
  assert.equal(ignoreMatch(rules, 'target/x/y'), { file: 'Dockerfile.dockerignore', line: 4, pattern: 'target/' });
  assert.is(ignoreMatch(rules, 'target/app.jar'), undefined);
});

test('a malformed line is a diagnostic with its place', () => {
  const error = thrownBy(() => parseIgnoreFile('ok\n  a[\n', '.dockerignore'));
  assert.is(error.code, 'build-file');
  assert.match(error.message, /^\.dockerignore:2: read pattern `a\[`/);
  const [diagnostic] = (error as MkimageError<'build-file'>).evidence!.diagnostics;
  assert.equal(diagnostic!.range.start, { line: 2, column: 3, offset: 5 });
  assert.equal(diagnostic!.range.end, { line: 2, column: 5, offset: 7 });
});

test('a file in UTF-16 is refused, whose patterns would hide nothing', () => {
  const error = thrownBy(() =>
    parseIgnoreFile(Buffer.from('\ufeff*.key\n', 'utf16le').toString('utf8'), '.dockerignore'),
  );
  assert.is(error.code, 'build-file');
  assert.is(error.message, '.dockerignore:1: line has a NUL byte');
});

function thrownBy(action: () => unknown): MkimageError {
  try {
    action();
  } catch (error) {
    if (isMkimageError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const names = fc.constantFrom('a', 'b', 'ab', 'x.y', 'keep', '1');
const somePath = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const component = fc.constantFrom('a', 'b', 'ab', 'x.y', 'keep', '*', '?', '[ab]', 'a*', '*b', '**');
const pattern = fc.tuple(fc.boolean(), fc.array(component, { minLength: 1, maxLength: 3 }));
const somePatterns = fc.array(
  pattern.map(([exception, parts]) => (exception ? '!' : '') + parts.join('/')),
  { maxLength: 5 },
);

test('agrees with @balena/dockerignore where that is right', () => {
  // It lets a pattern that an exception undid come back for what is below, so only lists without exceptions are compared.
  const plain = somePatterns.map((list) => list.map((text) => text.replace(/^!/, '')));
  fc.assert(
    fc.property(plain, somePath, (list, path) => {
      const rules = parseIgnoreFile(list.join('\n'), '.dockerignore');
      assert.is(ignoreMatch(rules, path) !== undefined, dockerignore({ ignorecase: false }).add(list).ignores(path));
    }),
    { numRuns: 500 },
  );
});

test('a directory is only passed over if nothing below it can be seen', () => {
  fc.assert(
    fc.property(somePatterns, somePath, somePath, (list, directory, below) => {
      const matcher = compilePatterns(list);
      if (matcher.find(directory).decidedBy < 0 || matcher.canExceptBelow(directory)) return;
      assert.ok(matcher.find(`${directory}/${below}`).decidedBy >= 0);
    }),
    { numRuns: 2000 },
  );
});

test('an ignored directory is passed over although exceptions speak of others', () => {
  const matcher = compilePatterns(['node_modules', '!dist/keep', '!docs']);
  assert.not(matcher.canExceptBelow('node_modules'));
  assert.ok(matcher.canExceptBelow('dist'));
  assert.ok(compilePatterns(['a', '!**/keep']).canExceptBelow('a'));
  assert.ok(compilePatterns(['a', '!*/keep']).canExceptBelow('a'));
  assert.not(compilePatterns(['a', '!*/keep']).canExceptBelow('a/b'));
});

test('patterns that would make a regular expression backtrack are still quick', () => {
  const started = process.hrtime.bigint();
  const matcher = compilePatterns(['**/*a*/**/*a*/**/b']);
  assert.is(matcher.find(`${'aaaa/'.repeat(20)}c`).decidedBy, -1);
  assert.ok(process.hrtime.bigint() - started < 2_000_000_000n);
});

test.run();
