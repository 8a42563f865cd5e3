import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compileGoPattern,
  goMatchOutcome,
  hasWildcards,
  matchGoPattern,
} from '../../src/context/patterns/go-pattern.ts';

const test = suite('wildcards of COPY');

const table = readFileSync(new URL('./tables/go-match.txt', import.meta.url), 'utf8');
const rows = table.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

for (const row of rows) {
  const [, pattern, name, outcome] = /^("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*") (.*)$/.exec(row)!;
  test(`${pattern} on ${name}: ${outcome}`, () => {
    assert.is(goMatchOutcome(JSON.parse(pattern!), JSON.parse(name!)), outcome);
  });
}

test('the table was read', () => {
  assert.ok(rows.length >= 75);
});

test('a malformed pattern matches nothing', () => {
  assert.not(matchGoPattern('[', '['));
  assert.not(compileGoPattern('a[').matches('a['));
  assert.not(compileGoPattern('[[:constructor:]]').matches('c'));
});

test('a name that is not UTF-8 is matched byte by byte', () => {
  assert.ok(matchGoPattern('a?b', 'a\udcffb'));
  assert.not(matchGoPattern('a??b', 'a\udcffb'));
});

test('many stars on a long name take no long time', () => {
  const started = process.hrtime.bigint();
  assert.not(matchGoPattern(`${'a*'.repeat(40)}b`, 'a'.repeat(4000)));
  assert.ok(process.hrtime.bigint() - started < 1_000_000_000n);
});

test('an escaped wildcard is none', () => {
  assert.ok(hasWildcards('a*') && hasWildcards('a?') && hasWildcards('[a]'));
  assert.not(hasWildcards('a\\*\\?\\['));
  assert.ok(hasWildcards('\\\\*'));
});

test.run();
