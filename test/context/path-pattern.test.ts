import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSearch } from '../../src/context/patterns/automaton.ts';
import { compilePathPattern } from '../../src/context/patterns/path-pattern.ts';
import { patternProgram } from '../../src/context/patterns/pattern-program.ts';
import { isMkimageError } from '../../src/errors.ts';

const test = suite('one pattern of an ignore file');

const table = readFileSync(new URL('./tables/path-pattern.txt', import.meta.url), 'utf8');
const rows = table.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

for (const row of rows) {
  const [, pattern, path, outcome] = /^("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*") (.*)$/.exec(row)!;
  test(`${pattern} on ${path}: ${outcome}`, () => {
    assert.is(outcomeOf(JSON.parse(pattern!), JSON.parse(path!)), outcome);
  });
}

test('the table was read', () => {
  assert.ok(rows.length >= 70);
});

function outcomeOf(pattern: string, path: string): string {
  try {
    const matches = compilePathPattern(pattern);
    const components = path.split('/');
    const found = components.some((_, index) => matches(components.slice(0, index + 1).join('/')));
    return found ? 'match' : 'no match';
  } catch (error) {
    if (isMkimageError(error, 'usage')) return 'malformed';
    throw error;
  }
}

const piece = fc.constantFrom('a', 'b', '/', '*', '?', '**/', '[ab]', '[^a]', '.', 'é');
const somePattern = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
const somePath = fc.array(fc.constantFrom('a', 'b', '/', '.', 'é', '😀'), { maxLength: 10 }).map((all) => all.join(''));

/** The expression that Docker documents, run by an engine that goes back and forth. */
function expressionOf(pattern: string): RegExp {
  const meanings: Readonly<Record<string, string>> = { '*': '[^/]*', '?': '[^/]', '.': '\\.' };
  const body = pattern.replace(/\*\*\/?|[*?.]/g, (token, at: number) => {
    if (!token.startsWith('**')) return meanings[token]!;
    return at + token.length === pattern.length ? '.*' : '(.*/)?';
  });
  return new RegExp(`^${body}$`, 'u');
}

test('agrees with an engine that tries everything', () => {
  fc.assert(
    fc.property(somePattern, somePath, (pattern, path) => {
      // Those of plain text after or before two stars are not run as expressions.
      const search = createSearch(patternProgram(pattern));
      assert.is(search(path), expressionOf(pattern).test(path));
    }),
    { numRuns: 3000 },
  );
});

/** How often a character is held against one of the pattern. */
function comparisons(pattern: string, path: string): { readonly count: number; readonly size: number } {
  let count = 0;
  const program = patternProgram(pattern).map((instruction) => {
    if (instruction.op !== 'character') return instruction;
    const accepts = (code: number) => {
      count += 1;
      return instruction.accepts(code);
    };
    return { ...instruction, accepts };
  });
  createSearch(program)(path);
  return { count, size: program.length };
}

test('no pattern is compared more often than its length times that of the path', () => {
  fc.assert(
    fc.property(somePattern, fc.nat(40), somePath, fc.nat(40), (pattern, times, path, often) => {
      const text = path.repeat(often);
      const { count, size } = comparisons(`${pattern.repeat(times)}x`, text);
      assert.ok(count <= size * (text.length + 1), `${count} comparisons`);
    }),
    { numRuns: 500 },
  );
});

test('stars that lead an engine of the other kind astray', () => {
  const { count } = comparisons(`${'*a'.repeat(12)}b`, 'a'.repeat(60));
  assert.ok(count < 60 * 40, `${count} comparisons`);
  assert.ok(comparisons(`${'**/*a*/'.repeat(12)}b`, 'aaaa/'.repeat(40)).count < 200 * 120);
});

test('what was seen once is not compared again', () => {
  const path = 'some/long/path/to/a/file.txt';
  assert.ok(comparisons('**/*.[ch]', path.repeat(10)).count < comparisons('**/*.[ch]', path).count * 3);
});

test('counts cannot make a big pattern of a small one', () => {
  assert.is(outcomeOf('[a]{0,1000}'.repeat(400), 'a'), 'malformed');
  assert.is(outcomeOf(`[a]{0,1000}${'b{2}'.repeat(100)}`, 'a'), 'no match');
});

test('a pattern as long as a line is read in one pass', () => {
  assert.is(outcomeOf(`a${'['.repeat(60_000)}`, 'a'), 'malformed');
  assert.is(outcomeOf(`${'**/a/'.repeat(12_000)}b`, 'a/'.repeat(500)), 'no match');
});

test.run();
