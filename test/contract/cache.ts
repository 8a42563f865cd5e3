import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Cache, CacheRecord } from '../../src/cache/index.ts';
import { digestOf } from '../../src/oci/index.ts';

const HOUR = 3_600_000;

/** What every backend of the cache port must do. `open` gives an empty one that takes the time from `now`. */
export function cacheContract(name: string, open: (now: () => number) => Cache): void {
  const test = suite(`cache contract: ${name}`);
  const key = digestOf('key');
  const listing = 'file\t644\tsha256:1\t\t\t\ta.txt\n';
  const record: CacheRecord = {
    parts: [
      { name: 'command', value: '["make"]' },
      { name: 'files', value: digestOf(listing) },
    ],
    layer: {
      diffId: digestOf('layer'),
      blob: { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf('layer'), size: 5 },
    },
    createdAt: '2026-01-02T03:04:05Z',
  };

  test('gives back what was saved, and nothing for another key', () => {
    const cache = open(() => 0);
    assert.is(cache.lookup(key), undefined);
    cache.save(key, record);
    assert.equal(cache.lookup(key), record);
    assert.is(cache.lookup(digestOf('other')), undefined);
  });

  test('keeps a step that changed nothing', () => {
    const cache = open(() => 0);
    cache.save(key, { ...record, layer: null });
    assert.equal(cache.lookup(key), { ...record, layer: null });
  });

  test('keeps names and values of every kind', () => {
    const cache = open(() => 0);
    const parts = [{ name: 'env A\nB"\u{1f600}', value: '\u0000\t\\ é \udc80' }];
    cache.save(key, { ...record, parts });
    assert.equal(cache.lookup(key)?.parts, parts);
  });

  test('the last record saved under a key is the one that counts', () => {
    const cache = open(() => 0);
    cache.save(key, record);
    cache.save(key, { ...record, layer: null });
    assert.is(cache.lookup(key)?.layer, null);
  });

  test('forgets what is removed, and only that', () => {
    const cache = open(() => 0);
    cache.save(key, record);
    cache.save(digestOf('other'), record);
    cache.remove(key);
    cache.remove(digestOf('never there'));
    assert.is(cache.lookup(key), undefined);
    assert.equal(cache.lookup(digestOf('other')), record);
  });

  test('remembers the last key of each slot', () => {
    const cache = open(() => 0);
    assert.is(cache.lastKey('Dockerfile build/1'), undefined);
    cache.setLastKey('Dockerfile build/1', key);
    cache.setLastKey('../../etc/passwd', digestOf('odd'));
    cache.setLastKey('Dockerfile build/1', digestOf('newer'));
    assert.is(cache.lastKey('Dockerfile build/1'), digestOf('newer'));
    assert.is(cache.lastKey('../../etc/passwd'), digestOf('odd'));
  });

  test('a slot remembers that its step failed, until it has a key again', async () => {
    const cache = open(() => 0);
    assert.is(cache.hasFailed('slot'), false);
    cache.setFailed('slot');
    assert.equal([cache.hasFailed('slot'), cache.lastKey('slot')], [true, undefined]);
    cache.setLastKey('slot', digestOf('mended'));
    assert.equal([cache.hasFailed('slot'), cache.lastKey('slot')], [false, digestOf('mended')]);
  });

  test('keeps listings by their digest', () => {
    const cache = open(() => 0);
    assert.is(cache.readListing(digestOf(listing)), undefined);
    cache.saveListing(digestOf(listing), listing);
    cache.saveListing(digestOf(listing), listing);
    assert.is(cache.readListing(digestOf(listing))?.toString(), listing);
  });

  test('lists its records with their size', () => {
    const cache = open(() => 0);
    assert.equal([...cache.records()], []);
    cache.save(key, record);
    cache.saveListing(digestOf(listing), listing);
    cache.setLastKey('slot', key);
    const [found, ...more] = [...cache.records()];
    assert.equal(more, []);
    assert.equal([found?.key, found?.record], [key, record]);
    assert.ok(found!.bytes > 0);
  });

  test('a look-up counts as use, told to the hour', () => {
    const start = Date.UTC(2040, 0, 1);
    let now = start;
    const cache = open(() => now);
    cache.save(key, record);
    cache.lookup(key);
    const usedAt = () => [...cache.records()][0]!.usedAt;
    const first = usedAt();
    now = first + HOUR / 2;
    cache.lookup(key);
    assert.is(usedAt(), first);
    now = first + 3 * HOUR;
    cache.lookup(key);
    assert.is(usedAt(), now);
  });

  test('a sweep drops listings and slots without a record, and no others', () => {
    const cache = open(() => 0);
    cache.save(key, record);
    cache.saveListing(digestOf(listing), listing);
    cache.saveListing(digestOf('lost'), 'lost');
    cache.setLastKey('kept', key);
    cache.setLastKey('lost', digestOf('no record'));
    cache.sweep();
    assert.equal(cache.lookup(key), record);
    assert.is(cache.readListing(digestOf(listing))?.toString(), listing);
    assert.is(cache.readListing(digestOf('lost')), undefined);
    assert.is(cache.lastKey('kept'), key);
    assert.is(cache.lastKey('lost'), undefined);
  });

  test.run();
}
