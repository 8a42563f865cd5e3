import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Descriptor, digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { storeContract } from '../contract/store.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { putImage } from '../support/images.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('layout store');
const root = tempDir('store');
let count = 0;

function freshStore(): { store: LayoutStore; root: string } {
  const own = join(root, String(count++));
  return { store: LayoutStore.open(own), root: own };
}

function descriptorOf(bytes: Buffer): Descriptor {
  return { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
}

test('a new store is an empty OCI layout that only its owner can read', () => {
  const { store, root } = freshStore();
  assert.equal(JSON.parse(readFileSync(join(store.directory, 'oci-layout'), 'utf8')), { imageLayoutVersion: '1.0.0' });
  assert.equal(JSON.parse(readFileSync(join(store.directory, 'index.json'), 'utf8')).manifests, []);
  for (const path of ['images', 'images/blobs/sha256', 'tmp'])
    assert.is(statSync(join(root, path)).mode & 0o777, 0o700);
  for (const path of ['images/index.json', 'images/oci-layout'])
    assert.is(statSync(join(root, path)).mode & 0o777, 0o600);
});

test('a blob written in pieces is found under its digest, readable by its owner alone', async () => {
  const { store } = freshStore();
  const writer = store.create();
  const pieces = [Buffer.alloc(100, 1), Buffer.alloc(300_000, 2), Buffer.alloc(7, 3), Buffer.alloc(200_000, 4)];
  for (const piece of pieces) writer.write(piece);
  pieces[0]!.fill(9); // a caller may use its buffer again
  const sealed = await writer.commit();
  pieces[0]!.fill(1);
  assert.equal(sealed, { digest: digestOf(Buffer.concat(pieces)), size: 500_107 });
  assert.is(statSync(store.blobPath(sealed.digest)).mode & 0o777, 0o600);
  const read = await buffer(await store.open({ mediaType: 'x', ...sealed }));
  assert.ok(read.equals(Buffer.concat(pieces)));
});

test('an aborted blob leaves nothing', async () => {
  const { store, root } = freshStore();
  {
    await using writer = store.create();
    writer.write(Buffer.alloc(1_000_000));
  }
  assert.equal(readdirSync(join(root, 'tmp')), []);
  assert.equal([...store.blobs()], []);
});

test('put refuses bytes of another digest, more bytes and fewer bytes, and leaves nothing', async () => {
  const { store, root } = freshStore();
  const bytes = Buffer.from('content');
  const good = descriptorOf(bytes);
  const put = (descriptor: Descriptor) => store.put(descriptor, Readable.from([bytes]), createQuietCall());
  await refuses('integrity', () => put({ ...good, digest: digestOf('other') }));
  await refuses('integrity', () => put({ ...good, size: 6 }));
  await refuses('integrity', () => put({ ...good, size: 8 }));
  assert.equal(readdirSync(join(root, 'tmp')), []);
  assert.not(await store.has(good));
  await put(good);
  assert.ok(await store.has(good));
});

test('put stops reading a stream that is longer than it said', async () => {
  const { store } = freshStore();
  let sent = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(++sent && 65_536);
    })(),
  );
  await refuses('integrity', () =>
    store.put({ ...descriptorOf(Buffer.from('x')), size: 100_000 }, endless, createQuietCall()),
  );
  assert.ok(sent < 50, String(sent));
});

test('a blob of the wrong length is missing, and writing it again heals it', async () => {
  const { store } = freshStore();
  const bytes = Buffer.from('a config');
  const descriptor = store.putSmall('text/plain', bytes);
  truncateSync(store.blobPath(descriptor.digest), 3);
  assert.not(await store.has(descriptor));
  await refuses('not-found', () => store.readSmall(descriptor));
  await refuses('not-found', () => store.open(descriptor));
  store.putSmall('text/plain', bytes);
  assert.is(String(store.readSmall(descriptor)), 'a config');
});

test('a damaged small blob is an error once and missing from then on', async () => {
  const { store } = freshStore();
  const descriptor = store.putSmall('text/plain', 'a config');
  writeFileSync(store.blobPath(descriptor.digest), 'b config');
  await refuses('integrity', () => store.readSmall(descriptor));
  assert.not(await store.has(descriptor));
});

test('a text that is no digest never becomes a path', async () => {
  const { store } = freshStore();
  await refuses('invalid-reference', () => store.blobPath('sha256:../../../etc/passwd' as never));
});

test('a folder in the place of a blob is no blob', async () => {
  const { store } = freshStore();
  const bytes = Buffer.alloc(4096);
  mkdirSync(store.blobPath(digestOf(bytes)));
  assert.not(await store.has(descriptorOf(bytes)));
});

test('names point at images, a name taken away leaves its image dangling', async () => {
  const { store } = freshStore();
  const [one, two] = [putImage(store, { label: 'one' }), putImage(store, { label: 'two' })];
  await store.tag(['docker.io/library/a:1', 'docker.io/library/b:1'], one);
  await store.tag(['docker.io/library/a:1'], two);
  assert.is(store.resolve('docker.io/library/a:1')?.target.digest, two.digest);
  assert.is(store.resolve('docker.io/library/b:1')?.target.digest, one.digest);
  await store.tag(['docker.io/library/b:1'], two);
  assert.equal(
    store.list().map(({ name, target }) => [name, target.digest]),
    [
      ['docker.io/library/a:1', two.digest],
      ['docker.io/library/b:1', two.digest],
      [undefined, one.digest],
    ],
  );
  await store.removeDangling(one.digest);
  await refuses('not-found', () => store.removeDangling(one.digest));
  assert.is(store.list().length, 2);
});

test('an image without names is listed as dangling until it gets one', async () => {
  const { store } = freshStore();
  const image = putImage(store, { label: 'x' });
  await store.tag([], image);
  await store.tag([], image);
  assert.equal(
    store.list().map(({ name }) => name),
    [undefined],
  );
  await store.tag(['docker.io/library/x:1'], image);
  assert.equal(
    store.list().map(({ name }) => name),
    ['docker.io/library/x:1'],
  );
});

test('untag removes a name, and with the last name the image, unless it is kept', async () => {
  const { store } = freshStore();
  const image = putImage(store, { label: 'x' });
  await store.tag(['docker.io/library/x:1', 'docker.io/library/x:2'], image);
  await store.untag('docker.io/library/x:1', { keepDangling: true });
  assert.equal(
    store.list().map(({ name }) => name),
    ['docker.io/library/x:2'],
  );
  await store.untag('docker.io/library/x:2', { keepDangling: true });
  assert.equal(
    store.list().map(({ name }) => name),
    [undefined],
  );
  await refuses('not-found', () => store.untag('docker.io/library/x:2', { keepDangling: true }));
});

test('an image is found by its digest in a repository that has it', async () => {
  const { store } = freshStore();
  const image = putImage(store, { label: 'x' });
  await store.tag(['docker.io/library/x:1'], image);
  assert.is(store.resolve(`docker.io/library/x@${image.digest}`)?.name, 'docker.io/library/x:1');
  assert.is(store.resolve(`docker.io/library/y@${image.digest}`), undefined);
});

test('tagging what is tagged already does not write index.json', async () => {
  const { store } = freshStore();
  const image = putImage(store, { label: 'x' });
  await store.tag(['docker.io/library/x:1'], image);
  const before = statSync(join(store.directory, 'index.json')).ino;
  await store.tag(['docker.io/library/x:1'], image);
  assert.is(statSync(join(store.directory, 'index.json')).ino, before);
});

test('entries of other tools are listed by what name they can be read by, and survive our edits', async () => {
  const { store } = freshStore();
  const image = putImage(store, { label: 'x' });
  const index = join(store.directory, 'index.json');
  const foreign = [
    { ...image, annotations: { 'org.opencontainers.image.ref.name': 'foo:2' } },
    { mediaType: 'x/y', digest: 'sha512:0', size: 1, strange: [1] },
    { ...image, annotations: { 'org.opencontainers.image.ref.name': 'Not A Name' } },
  ];
  writeFileSync(index, JSON.stringify({ schemaVersion: 2, manifests: foreign }));
  assert.equal(
    store.list().map(({ name }) => name),
    ['docker.io/library/foo:2', undefined],
  );
  await store.tag(['docker.io/library/x:1'], putImage(store, { label: 'y' }));
  const after = JSON.parse(readFileSync(index, 'utf8')).manifests;
  assert.equal(after.slice(0, 3), foreign);
});

test('a damaged index.json is a clear error', async () => {
  const { store } = freshStore();
  writeFileSync(join(store.directory, 'index.json'), '{"manifests":');
  await refuses('store', () => store.list());
});

test('a layer stored uncompressed is one of its forms without being added', async () => {
  const { store } = freshStore();
  const writer = store.create();
  writer.write(Buffer.from('layer'));
  const { digest, size } = await writer.commit();
  assert.equal(store.formsOf(digest), [
    { compression: 'uncompressed', blob: { mediaType: MEDIA_TYPE.layer, digest, size }, recipe: 'uncompressed' },
  ]);
  const gzip = { ...store.putSmall(MEDIA_TYPE.layerGzip, 'smaller'), mediaType: MEDIA_TYPE.layerGzip };
  store.addForm(digest, { compression: 'gzip', blob: gzip, recipe: 'gzip/6/1048576' });
  assert.equal(
    store.formsOf(digest).map(({ recipe }) => recipe),
    ['uncompressed', 'gzip/6/1048576'],
  );
  truncateSync(store.blobPath(gzip.digest), 1);
  assert.equal(
    store.formsOf(digest).map(({ recipe }) => recipe),
    ['uncompressed'],
  );
});

test('a torn record of forms counts as none', () => {
  const { store, root } = freshStore();
  const diffId = digestOf('layer');
  store.addForm(diffId, { compression: 'gzip', blob: store.putSmall(MEDIA_TYPE.layerGzip, 'z'), recipe: 'r' });
  assert.is(store.formsOf(diffId).length, 1);
  const hex = diffId.slice(7);
  truncateSync(join(root, 'layers-v1', hex.slice(0, 2), `${hex.slice(2)}.json`), 20);
  assert.equal(store.formsOf(diffId), []);
});

test('a store in a folder that cannot be made says so', async () => {
  writeFileSync(join(root, 'file'), '');
  await refuses('store', () => LayoutStore.open(join(root, 'file', 'store')));
});

test.run();

storeContract('layout', () => freshStore().store);
storeContract('memory fake', memoryStore);
