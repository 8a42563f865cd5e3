import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Descriptor, digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import type { BlobFiles, Store } from '../../src/store/index.ts';
import { refuses, rejects } from '../support/rejects.ts';
import { imageNamesContract } from './image-names.ts';
import { storeSpaceContract } from './store-space.ts';

const call = createQuietCall();

/** What every store must do; where its blobs lie as files is the business of a store that has files. */
export function storeContract(name: string, open: () => Omit<Store, keyof BlobFiles>): void {
  const test = suite(`store contract: ${name}`);
  const bytes = Buffer.from('content');
  const blob: Descriptor = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.length };
  const streamOf = (...pieces: readonly Uint8Array[]) => Readable.from(pieces, { objectMode: false });
  const digestsIn = (store: Pick<Store, 'blobs'>) => [...store.blobs()].map(({ digest }) => digest);

  test('a blob that was put is there, whole, as often as it is read', async () => {
    const store = open();
    assert.not(await store.has(blob));
    await refuses('not-found', () => store.open(blob, call));
    await store.put(blob, streamOf(bytes.subarray(0, 3), bytes.subarray(3)), call);
    assert.ok(await store.has(blob));
    for (let i = 0; i < 2; i++) assert.equal(await buffer(await store.open(blob, call)), bytes);
    assert.equal(
      [...store.blobs()].map(({ digest, size }) => ({ digest, size })),
      [{ digest: blob.digest, size: 7 }],
    );
  });

  test('a blob that is there already is not read again', async () => {
    const store = open();
    await store.put(blob, streamOf(bytes), call);
    const reads: number[] = [];
    const again = new Readable({ read: (size) => void reads.push(size) });
    await store.put(blob, again, call);
    assert.equal([reads, again.destroyed], [[], true]);
  });

  test('bytes of another digest or size are refused, and nothing of them stays', async () => {
    const store = open();
    for (const wrong of [{ digest: digestOf('other') }, { size: 6 }, { size: 8 }])
      await refuses('integrity', () => store.put({ ...blob, ...wrong }, streamOf(bytes), call));
    assert.equal(digestsIn(store), []);
  });

  test('a source that fails and a call that is cancelled leave nothing', async () => {
    const store = open();
    const failing = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 3);
        throw new Error('the line is dead');
      })(),
    );
    assert.match(String(await store.put(blob, failing, call).catch((error: unknown) => error)), /the line is dead/);
    const stop = new AbortController();
    const endless = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 3);
        stop.abort();
        yield bytes.subarray(3);
      })(),
    );
    await rejects(store.put(blob, endless, { ...call, signal: stop.signal }), 'cancelled');
    assert.equal(digestsIn(store), []);
  });

  test('a blob that is written without knowing its digest appears when it is committed', async () => {
    const store = open();
    const writer = store.create();
    const piece = Buffer.from(bytes);
    writer.write(piece);
    piece.fill(0); // a caller may use its buffer again
    assert.equal(digestsIn(store), []);
    assert.equal(await writer.commit(), { digest: blob.digest, size: blob.size });
    assert.equal(await buffer(await store.open(blob, call)), bytes);
  });

  test('a blob that is not committed never was', async () => {
    const store = open();
    {
      await using writer = store.create();
      writer.write(bytes);
    }
    const writer = store.create();
    writer.write(bytes);
    await writer.abort();
    assert.equal(digestsIn(store), []);
  });

  test('small blobs are put and read at once, as text or bytes', async () => {
    const store = open();
    const written = store.putSmall('text/plain', 'content');
    assert.equal(written, { ...blob, mediaType: 'text/plain' });
    assert.equal(store.putSmall('text/plain', bytes), written);
    assert.equal(Buffer.from(store.readSmall(written)), bytes);
    await refuses('not-found', () => store.readSmall({ ...blob, digest: digestOf('missing') }), /is not in the store/);
    await refuses('not-found', () => store.readSmall({ ...blob, size: 8 }));
  });

  test('a blob that is sound stays, and one that is not there counts as damaged', async () => {
    const store = open();
    store.putSmall('text/plain', bytes);
    assert.is(await store.removeIfDamaged(blob.digest, call), false);
    assert.is(await store.removeIfDamaged(digestOf('missing'), call), true);
    assert.ok(await store.has(blob));
    assert.ok(store.isIndexSound());
  });

  test('forms of a layer are those whose blobs are here, and the layer itself is one of them', () => {
    const store = open();
    const layer = store.putSmall(MEDIA_TYPE.layer, 'layer');
    const gzip = store.putSmall(MEDIA_TYPE.layerGzip, 'compressed');
    const form = { compression: 'gzip', blob: gzip, recipe: 'gzip/6' } as const;
    for (let i = 0; i < 2; i++) store.addForm(layer.digest, form);
    store.addForm(layer.digest, { ...form, recipe: 'gzip/9', blob: { ...gzip, digest: digestOf('gone') } });
    assert.equal(
      store
        .formsOf(layer.digest)
        .map(({ recipe }) => recipe)
        .sort(),
      ['gzip/6', 'uncompressed'],
    );
    assert.equal(store.formsOf(digestOf('no layer')), []);
  });

  test('a form takes the place of another by its recipe, and of one with its blob', () => {
    const store = open();
    const diffId = digestOf('layer');
    const [one, two] = ['one', 'two'].map((text) => store.putSmall(MEDIA_TYPE.layerGzip, text)) as [
      Descriptor,
      Descriptor,
    ];
    const recipes = () => store.formsOf(diffId).map(({ recipe, blob }) => [recipe, blob.digest]);
    store.addForm(diffId, { compression: 'gzip', blob: one, recipe: 'gzip/6' });
    store.addForm(diffId, { compression: 'gzip', blob: two, recipe: 'gzip/6' });
    assert.equal(recipes(), [['gzip/6', two.digest]]);
    store.addForm(diffId, { compression: 'gzip', blob: two, recipe: 'foreign' });
    assert.equal(recipes(), [['foreign', two.digest]]);
  });

  test.run();
  imageNamesContract(name, open);
  storeSpaceContract(name, open);
}
