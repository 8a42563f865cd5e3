import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MEDIA_TYPE, parseManifest } from '../../src/oci/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { startChild } from '../support/child.ts';
import { putImage, putIndex } from '../support/images.ts';
import { withNeeds } from '../support/needs.ts';
import { refuses, rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('store, several processes');
const root = tempDir('collect');
let count = 0;

function freshStore(): { store: LayoutStore; root: string } {
  const own = join(root, String(count++));
  return { store: LayoutStore.open(own), root: own };
}

const nothing = { keep: () => false };

test('collecting deletes what no image needs, and nothing else', async () => {
  const { store } = freshStore();
  const kept = putImage(store, { label: 'kept', compression: 'gzip' });
  const dangling = putImage(store, { label: 'dangling' });
  await store.tag(['docker.io/library/kept:1'], kept);
  await store.tag([], dangling);
  const before = [...store.blobs()].length;
  putImage(store, { label: 'dropped' });
  const freed = await store.collect(nothing);
  assert.is(freed.blobs, 3);
  assert.ok(freed.bytes >= 3 * 512);
  assert.is([...store.blobs()].length, before);
  assert.equal(await store.collect(nothing), { blobs: 0, bytes: 0 });
});

test('the other forms of a layer stay as long as the layer is needed', async () => {
  const { store } = freshStore();
  const image = putImage(store, { label: 'x' });
  await store.tag(['docker.io/library/x:1'], image);
  const layer = parseManifest(store.readSmall(image)).layers[0]!;
  const gzip = store.putSmall(MEDIA_TYPE.layerGzip, 'compressed');
  store.addForm(layer.digest, { compression: 'gzip', blob: gzip, recipe: 'gzip/6' });
  await store.collect(nothing);
  assert.is(store.formsOf(layer.digest).length, 2);
  await store.untag('docker.io/library/x:1', { keepDangling: false });
  await store.collect({ keep: (digest) => digest === layer.digest });
  assert.is(store.formsOf(layer.digest).length, 2, 'the cache may still want it');
  await store.collect(nothing);
  assert.equal(store.formsOf(layer.digest), []);
  assert.equal([...store.blobs()], []);
});

test('an index of which only one platform is there is kept as far as it goes', async () => {
  const { store } = freshStore();
  const elsewhere = freshStore().store;
  const platforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ];
  const index = putIndex(elsewhere, 'multi', platforms);
  store.putSmall(MEDIA_TYPE.index, elsewhere.readSmall(index));
  putImage(store, { label: 'multi linux/arm64', platform: platforms[1]! });
  await store.tag(['docker.io/library/multi:1'], index);
  assert.equal(await store.collect(nothing), { blobs: 0, bytes: 0 });
  assert.is([...store.blobs()].length, 4);
});

test('a collector waits for builds, and builds wait for a collector', async () => {
  const { store } = freshStore();
  const lease = await store.lease();
  await rejects(store.collect({ ...nothing, waitMs: 40 }), 'in-use', /a build or load is running/);
  const collected = store.collect(nothing);
  const order: string[] = [];
  void collected.then(() => order.push('collected'));
  await sleep(30);
  order.push('released');
  await lease[Symbol.asyncDispose]();
  await collected;
  assert.equal(order, ['released', 'collected']);
  await using _next = await store.lease();
});

test('many may hold a lease at once', async () => {
  const { store } = freshStore();
  await using _a = await store.lease();
  await using _b = await store.lease();
  await refuses('in-use', () => store.collect({ ...nothing, waitMs: 0 }), /2 builds/);
});

test('the lease of a killed process blocks nothing, and its incomplete blob is removed', async () => {
  const { store, root } = freshStore();
  const children = [
    await startChild('store-child.ts', ['lease', root]),
    await startChild('store-child.ts', ['write', root]),
  ];
  await refuses('in-use', () => store.collect({ ...nothing, waitMs: 0 }));
  for (const child of children) await child.kill();
  assert.is(readdirSync(join(root, 'tmp')).length, 1);
  assert.equal(await store.collect({ ...nothing, waitMs: 0 }), { blobs: 0, bytes: 0 });
  assert.equal(readdirSync(join(root, 'tmp')), []);
  assert.equal(readdirSync(join(root, 'locks', 'leases')), []);
});

test('a blob that is being written outside a lease is not taken for a leftover', async () => {
  const { store, root } = freshStore();
  await using writer = store.create();
  writer.write(Buffer.alloc(10));
  await store.collect(nothing);
  assert.is(readdirSync(join(root, 'tmp')).length, 1);
  await writer.commit();
});

test('two processes that tag at once lose no tag', async () => {
  const { store, root } = freshStore();
  const children = await Promise.all(['a', 'b'].map((label) => startChild('store-child.ts', ['tag', root, label])));
  await Promise.all(children.map(({ ended }) => ended));
  const names = store.list().map(({ name }) => name);
  assert.is(new Set(names).size, 40);
});

test('who opens a store that another process is just making takes nothing away', async () => {
  const { store, root } = freshStore();
  await store.tag(['docker.io/library/x:1'], putImage(store, { label: 'x' }));
  rmSync(join(store.directory, 'oci-layout')); // as the other process sees it: no marker yet
  assert.is(LayoutStore.open(root).list().length, 1);
});

test('killed at any moment while it tags, the store can be read and written at once', async () => {
  const { store, root } = freshStore();
  for (const pause of [3, 11, 23]) {
    const child = await startChild('store-child.ts', ['churn', root]);
    await sleep(pause);
    await child.kill();
    for (const { target } of store.list()) parseManifest(store.readSmall(target), target);
    await store.tag(['docker.io/library/mine:1'], putImage(store, { label: 'mine' }));
    assert.is(store.resolve('docker.io/library/mine:1')?.target.mediaType, MEDIA_TYPE.manifest);
  }
  await store.collect(nothing);
  assert.equal(readdirSync(join(root, 'tmp')), []);
});

withNeeds(test, { root: true, programs: ['unshare', 'mount'] })(
  'on a full disk writing is a clear error, nothing is left behind and the store stays valid',
  () => {
    const folder = join(root, 'full');
    mkdirSync(folder);
    const script = 'mount -t tmpfs -o size=2m,mode=700 tmpfs "$0" && exec "$1" --import tsx "$2" fill "$0"';
    const child = fileURLToPath(new URL('../support/store-child.ts', import.meta.url));
    const output = execFileSync('unshare', ['-m', 'sh', '-c', script, folder, process.execPath, child], {
      encoding: 'utf8',
    });
    assert.match(output, /run `mkimage prune`/);
  },
);

test.run();
