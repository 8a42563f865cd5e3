import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scanWord } from '#grammar';
import type { Word } from '../../src/instructions/index.ts';
import { expand, expandWords } from '../../src/plan/words/expand.ts';
import { Fault } from '../../src/plan/words/fault.ts';
import { createGrowingMap } from '../../src/plan/words/growing-collections.ts';
import { EMPTY_SCOPE, type Scope, withVariable } from '../../src/plan/words/scope.ts';

const test = suite('words');
const POINT = { line: 1, column: 1, offset: 0 };

type Escape = '\\' | '`';

function word(text: string, syntax: { readonly escape?: Escape; readonly literalQuotes?: boolean } = {}): Word {
  const { parts, problem } = scanWord(text, { escape: '\\', ...syntax });
  if (problem) throw new Fault('syntax', problem.message);
  return { raw: text, parts, range: { start: POINT, end: POINT } };
}

const table = readFileSync(new URL('./words.txt', import.meta.url), 'utf8');
let scope: Scope = EMPTY_SCOPE;
for (const [index, line] of table.split('\n').entries()) {
  if (line === '' || line.startsWith('#')) continue;
  const [, name, value] = /^(\S+) := (.*)$/.exec(line) ?? [];
  if (name !== undefined) scope = withVariable(scope, name, value!.replace(/^"(.*)"$/, '$1'));
  else addCase(index + 1, line, scope);
}

function addCase(number: number, line: string, variables: Scope): void {
  const [, mode, text, arrow, expected] = /^(?:\[(.+?)\] )?(.*?) *(=>|~>|!>|!syntax)(?: (.*))?$/.exec(line) ?? [];
  const read = () => word(text!, mode === 'heredoc' ? { literalQuotes: true } : { escape: (mode ?? '\\') as Escape });
  test(`line ${number}: ${line.trim()}`, () => {
    assert.ok(arrow, 'the line is no case');
    if (arrow === '=>') assert.is(expand(read(), variables).value, expected ?? '');
    if (arrow === '~>') assert.is(expandWords(read(), variables).join('|'), expected ?? '');
    if (arrow === '!>') assert.is(faultOf(() => expand(read(), variables)).message, expected);
    if (arrow === '!syntax') assert.is(faultOf(read).code, 'syntax');
  });
}

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('no fault');
}

test('notes which names are set and which are not, also behind a default', () => {
  const { matched, unmatched } = expand(
    word('$a${b:-$c}${d+$e}'),
    createGrowingMap([
      ['a', '1'],
      ['e', ''],
    ]),
  );
  assert.equal([...matched].sort(), ['a', 'e']);
  assert.equal([...unmatched].sort(), ['b', 'c', 'd']);
});

const names = fc.constantFrom('a', 'b', 'c');
const scopes = fc.dictionary(names, fc.string()).map((record): Scope => createGrowingMap(Object.entries(record)));

test('text in single quotes never changes', () => {
  const text = fc.string().filter((value) => !value.includes("'"));
  fc.assert(fc.property(text, scopes, (value, variables) => expand(word(`'${value}'`), variables).value === value));
});

test('a default is taken exactly when the variable is unset or empty', () => {
  const property = fc.property(names, scopes, (name, variables) => {
    assert.is(expand(word(`\${${name}:-else}`), variables).value, variables.get(name) || 'else');
    assert.is(expand(word(`\${${name}-else}`), variables).value, variables.get(name) ?? 'else');
  });
  fc.assert(property);
});

const patterns = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 6 }).map((parts) => parts.join(''));
const values = fc.array(fc.constantFrom('a', 'b', 'c', '\n'), { maxLength: 12 }).map((parts) => parts.join(''));

test('the shortest and longest prefix and suffix are those that a regular expression finds', () => {
  const property = fc.property(patterns, values, (pattern, value) => {
    const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
    const variables = createGrowingMap([['v', value]]);
    const cuts = Array.from({ length: value.length + 1 }, (_, at) => at);
    const prefixes = cuts.filter(
      (at) => new RegExp(`^(?:${source})$`).test(value.slice(0, at)) && isWhole(source, value.slice(0, at)),
    );
    const suffixes = cuts.filter((at) => isWhole(source, value.slice(at)));
    const result = (operator: string) => expand(word(`\${v${operator}${pattern}}`), variables).value;
    assert.is(result('#'), value.slice(prefixes[0] ?? 0));
    assert.is(result('##'), value.slice(prefixes.at(-1) ?? 0));
    assert.is(result('%'), value.slice(0, suffixes.at(-1) ?? value.length));
    assert.is(result('%%'), value.slice(0, suffixes[0] ?? value.length));
  });
  fc.assert(property, { numRuns: 300 });
});

/** `$` without the flag m still allows nothing after it, so this is a match of the whole text. */
function isWhole(source: string, text: string): boolean {
  return new RegExp(`^(?:${source})$`).exec(text)?.[0] === text;
}

test('a pattern of many stars is tried in reasonable time', () => {
  const variables = createGrowingMap([['v', 'a'.repeat(5000)]]);
  assert.is(expand(word(`\${v##${'*a'.repeat(30)}b}`), variables).value.length, 5000);
});

test.run();
