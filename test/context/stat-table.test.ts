import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StatCache } from '../../src/context/local/stat-cache.ts';
import {
  decodeStatTable,
  digestOfRow,
  findRow,
  type StatRow,
  StatRows,
  xattrsOfRow,
} from '../../src/context/local/stat-table.ts';
import { digestOf } from '../../src/oci/index.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('stat cache');
const root = tempDir('stat-cache');

const stamp = {
  dev: 2049,
  ino: 12345678,
  size: 10,
  mtimeMs: 1700000000123.456,
  ctimeMs: 1700000000123.456,
  mode: 0o100644,
};
const row = (path: string, more: Partial<StatRow> = {}): StatRow => ({
  path,
  stamp,
  digest: digestOf(path),
  xattrs: undefined,
  age: 0,
  ...more,
});

function encodeStatTable(rows: readonly StatRow[]): Buffer {
  const table = new StatRows();
  for (const each of rows) table.add(each);
  return Buffer.concat(table.encode());
}

test('what is written is read again', () => {
  const rows = [
    row('a'),
    row('b/ü\n c'),
    row('none', { digest: undefined, xattrs: { 'user.x': 'AA==' } }),
    row('bare', { xattrs: {} }),
  ];
  const table = decodeStatTable(encodeStatTable(rows))!;
  assert.is(table.rows.size, rows.length);
  for (const { path, digest, xattrs } of rows) {
    const found = findRow(table, path, stamp)!;
    assert.is(digestOfRow(table, found), digest);
    assert.equal(xattrsOfRow(table, found, path), xattrs);
  }
});

test('a change in any part of the stamp is a miss', () => {
  const table = decodeStatTable(encodeStatTable([row('a')]))!;
  assert.is(findRow(table, 'a', stamp), 0);
  for (const key of Object.keys(stamp) as (keyof typeof stamp)[]) {
    const step = key.endsWith('Ms') ? 0.001 : 1;
    assert.is(findRow(table, 'a', { ...stamp, [key]: stamp[key] + step }), undefined, key);
  }
});

test('a file cut off or changed anywhere is an empty cache', () => {
  const whole = encodeStatTable([row('a'), row('b')]);
  for (let length = 0; length < whole.length; length++) {
    assert.is(decodeStatTable(whole.subarray(0, length)), undefined, `cut to ${length}`);
  }
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= change;
      assert.is(decodeStatTable(bytes), undefined);
    }),
  );
});

test('rows that are not requested are dropped in time, others stay', () => {
  const file = join(root, 'aging');
  writeFileSync(file, encodeStatTable([row('used'), row('unused')]));
  for (let build = 0; build < 32; build++) {
    const cache = StatCache.open(file);
    assert.is(cache.digest(cache.find('used', stamp)!), digestOf('used'));
    cache.remember(cache.add(`other${build}`, stamp), { digest: digestOf('x') });
    cache.save();
  }
  const table = decodeStatTable(readFileSync(file))!;
  assert.ok(table.rows.has('used'));
  assert.not(table.rows.has('unused'));
});

test('a folder that cannot be written to costs nothing but the cache', () => {
  const file = join(root, 'a file');
  writeFileSync(file, '');
  const cache = StatCache.open(join(file, 'no', 'cache'));
  const number = cache.remember(cache.add('a', stamp), { digest: digestOf('a') });
  cache.save();
  assert.is(cache.digest(number), digestOf('a'));
  assert.is(StatCache.open(join(file, 'no', 'cache')).find('a', stamp), undefined);
});

test('thirty thousand rows come back', () => {
  const many = Array.from({ length: 30_000 }, (_, index) => row(`src/module-${index % 300}/file-${index}.ts`));
  assert.is(decodeStatTable(encodeStatTable(many))?.rows.size, 30_000);
});

test.run();
