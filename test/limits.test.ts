import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LIMITS, type LimitName, readLimits, variableOf } from '../src/limits.ts';
import { refuses } from './support/rejects.ts';

const test = suite('limits');

test('are set by the environment: a number, with a unit, or none at all', () => {
  const found = readLimits({
    MKIMAGE_LIMIT_ARCHIVE_ENTRIES: '5',
    MKIMAGE_LIMIT_CONTEXT_BYTES: '3g',
    MKIMAGE_LIMIT_UNPACKED_RATIO: '0',
    MKIMAGE_LIMIT_FETCH_RATE: '0',
    MKIMAGE_LIMIT_JSON_DEPTH: '',
  });
  assert.is(found.ARCHIVE_ENTRIES, 5);
  assert.is(found.CONTEXT_BYTES, 3 * 2 ** 30);
  assert.is(found.UNPACKED_RATIO, Number.POSITIVE_INFINITY);
  assert.is(found.FETCH_RATE, 0);
  assert.is(found.JSON_DEPTH, DEFAULT_LIMITS.JSON_DEPTH);
});

test('that are no numbers are refused', async () => {
  for (const text of ['-1', '1.5', 'many', '1T', '1 G']) {
    await refuses('usage', () => readLimits({ MKIMAGE_LIMIT_FETCH_BYTES: text }), /MKIMAGE_LIMIT_FETCH_BYTES/);
  }
});

test('stand in the documentation, all of them', () => {
  const page = readFileSync('docs/limits.md', 'utf8');
  const named = [...page.matchAll(/^\| `MKIMAGE_LIMIT_([A-Z_]+)` \| ([0-9.]+) ?(K|M|G)?/gm)];
  const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
  const told = Object.fromEntries(
    named.map(([, name, digits, unit]) => [name, Number(digits) * (units[unit ?? ''] ?? 1)]),
  );
  assert.equal(told, DEFAULT_LIMITS);
  for (const name of Object.keys(DEFAULT_LIMITS))
    assert.match(variableOf(name as LimitName), /^MKIMAGE_LIMIT_[A-Z_]+$/);
});

test.run();
