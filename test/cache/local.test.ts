import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheRecord } from '../../src/cache/index.ts';
import { openLocalCache } from '../../src/cache/local.ts';
import { digestOf, encodedOf } from '../../src/oci/index.ts';
import { cacheContract } from '../contract/cache.ts';
import { memoryCache } from '../fakes/memory-cache.ts';
import { tempDir } from '../support/temp.ts';

const root = tempDir('cache');
let count = 0;
const folder = () => join(root, `cache-${count++}`);

cacheContract('local', (now) => openLocalCache({ directory: folder(), now }));
cacheContract('memory fake', memoryCache);

const test = suite('local cache');
const key = digestOf('key');
const record: CacheRecord = { parts: [{ name: 'a', value: 'b' }], layer: null, createdAt: '2026-01-02T03:04:05Z' };
const fileOf = (directory: string, name = key) =>
  join(directory, encodedOf(name).slice(0, 2), `${encodedOf(name)}.json`);

function withRecord(): { directory: string; open: () => ReturnType<typeof openLocalCache> } {
  const directory = folder();
  const open = () => openLocalCache({ directory, now: () => 0 });
  open().save(key, record);
  return { directory, open };
}

test('a record is one file, named by its key, and another process finds it', () => {
  const { directory, open } = withRecord();
  const text = readFileSync(fileOf(directory), 'utf8');
  const { sum } = JSON.parse(text);
  assert.is(digestOf(text.slice(0, text.lastIndexOf(',"sum"'))), `sha256:${sum}`);
  assert.equal(JSON.parse(readFileSync(fileOf(directory), 'utf8')), { key, ...record, sum });
  assert.equal(open().lookup(key), record);
});

test('a torn record is a miss, and is written again', () => {
  const { directory, open } = withRecord();
  for (const length of [0, 1, 40]) {
    truncateSync(fileOf(directory), length);
    assert.is(open().lookup(key), undefined);
  }
  open().save(key, record);
  assert.equal(open().lookup(key), record);
});

for (const text of [
  'null',
  '[]',
  '{}',
  JSON.stringify({ ...record }),
  JSON.stringify({ key: digestOf('other'), ...record }),
  JSON.stringify({ key, ...record, parts: [{ name: 'a' }] }),
  JSON.stringify({ key, ...record, parts: 'a' }),
  JSON.stringify({ key, ...record, layer: undefined }),
  JSON.stringify({ key, ...record, layer: { diffId: 'sha256:../../x', blob: {} } }),
  JSON.stringify({ key, ...record, layer: { diffId: key, blob: { mediaType: 'x', digest: '../x', size: 1 } } }),
  JSON.stringify({ key, ...record, createdAt: 'yesterday' }),
]) {
  test(`a record that is not one is a miss: ${text.slice(0, 60)}`, () => {
    const { directory, open } = withRecord();
    writeFileSync(fileOf(directory), text);
    assert.is(open().lookup(key), undefined);
    assert.equal([...open().records()], []);
  });
}

test('a listing whose bytes were changed is not believed', () => {
  const { directory, open } = withRecord();
  open().saveListing(digestOf('text'), 'text');
  writeFileSync(join(directory, 'listings', encodedOf(digestOf('text'))), 'other');
  assert.is(open().readListing(digestOf('text')), undefined);
});

test('what a killed build left behind does no harm and goes with a sweep', () => {
  const { directory, open } = withRecord();
  const left = `${fileOf(directory)}.0123456789ab.tmp`;
  writeFileSync(left, '{');
  mkdirSync(join(directory, 'listings'), { recursive: true });
  assert.is([...open().records()].length, 1);
  assert.ok(open().sweep() >= 1);
  assert.equal(readdirSync(join(directory, encodedOf(key).slice(0, 2))), [`${encodedOf(key)}.json`]);
});

test('a cache that may only be read still answers', () => {
  const { directory, open } = withRecord();
  chmodSync(fileOf(directory), 0o400);
  assert.equal(open().lookup(key), record);
});

test('a key that is no digest never becomes a path', () => {
  const { open } = withRecord();
  assert.throws(() => open().lookup('sha256:../../etc/passwd' as never), /invalid digest/);
});

test.run();
