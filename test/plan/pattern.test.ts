import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fault } from '../../src/plan/words/fault.ts';
import { replacePattern, trimPrefix, trimSuffix } from '../../src/plan/words/pattern.ts';

const test = suite('patterns in variables');

const someValue = fc
  .array(fc.constantFrom('a', 'b', '*', '.', '\n', '😀'), { maxLength: 9 })
  .map((all) => all.join(''));
const somePattern = fc
  .array(fc.constantFrom('a', 'b', '*', '?', '\\*', '.', '\n'), { maxLength: 6 })
  .map((all) => all.join(''));

/** For an engine that goes back and forth. */
function expressionOf(pattern: string): string {
  return pattern.replace(/\\.|[*?.]/gs, (token) =>
    token === '*' ? '[^\\n]*' : token === '?' ? '[^\\n]' : `\\${token.at(-1)}`,
  );
}

/** Where the value can be cut so that one part matches the whole pattern, tried one by one. */
function cuts(value: string, pattern: string, part: (value: string, at: number) => string): readonly number[] {
  const expression = new RegExp(`^(?:${expressionOf(pattern)})$`, 'u');
  const ends = [0];
  for (const character of value) ends.push(ends.at(-1)! + character.length);
  return ends.filter((at) => expression.test(part(value, at)));
}

test('a prefix is the shortest or longest that matches', () => {
  fc.assert(
    fc.property(someValue, somePattern, fc.boolean(), (value, pattern, longest) => {
      const ends = cuts(value, pattern, (text, at) => text.slice(0, at));
      const end = (longest ? ends.at(-1) : ends[0]) ?? 0;
      assert.is(trimPrefix(value, pattern, longest), value.slice(end));
    }),
    { numRuns: 2000 },
  );
});

test('a suffix is the shortest or longest that matches', () => {
  fc.assert(
    fc.property(someValue, somePattern, fc.boolean(), (value, pattern, longest) => {
      const starts = cuts(value, pattern, (text, at) => text.slice(at));
      const start = (longest ? starts[0] : starts.at(-1)) ?? value.length;
      assert.is(trimSuffix(value, pattern, longest), value.slice(0, start));
    }),
    { numRuns: 2000 },
  );
});

test('the first match is the leftmost, and as long as can be', () => {
  fc.assert(
    fc.property(someValue, somePattern, (value, pattern) => {
      const expected = value.replace(new RegExp(expressionOf(pattern), 'u'), 'X');
      assert.is(replacePattern(value, { pattern, replacement: 'X', all: false }), expected);
    }),
    { numRuns: 2000 },
  );
});

test('all matches are replaced, and an empty one only where none ended', () => {
  // What Go's regexp.ReplaceAllString makes of them.
  assert.is(replacePattern('ab', { pattern: '*', replacement: 'X', all: true }), 'X');
  assert.is(replacePattern('a\nb', { pattern: '*', replacement: 'X', all: true }), 'X\nX');
  assert.is(replacePattern('ab', { pattern: '', replacement: 'X', all: true }), 'XaXbX');
  assert.is(replacePattern('', { pattern: '*', replacement: 'X', all: true }), 'X');
  assert.is(replacePattern('a.b.c', { pattern: '.', replacement: '', all: true }), 'abc');
  assert.is(replacePattern('xaxa', { pattern: 'xa', replacement: 'x', all: true }), 'xx');
});

test('a long value is gone through once, however many stars', () => {
  const value = 'a'.repeat(20_000);
  assert.is(replacePattern(value, { pattern: `${'*a'.repeat(9)}b`, replacement: 'x', all: true }), value);
  assert.is(replacePattern(value, { pattern: 'a', replacement: '', all: true }), '');
  assert.is(trimPrefix(value, `${'*a'.repeat(9)}b`, true), value);
  assert.is(trimSuffix(value, `b${'a*'.repeat(9)}`, false), value);
});

test('a pattern too long for its value is refused', () => {
  assert.throws(
    () => trimPrefix('a'.repeat(60_000), 'a?'.repeat(20_000), true),
    (error: unknown) => error instanceof Fault && /too long for a value of 60000/.test(error.message),
  );
});

test.run();
