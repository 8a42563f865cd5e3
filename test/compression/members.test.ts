import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CompressOptions, compressLayer, decompressStream, findRecipe } from '../../src/compression/index.ts';
import { createMemoryContent } from '../../src/content/index.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('compression: members of a layer');
const root = tempDir('members');

async function compress(bytes: Buffer, options: CompressOptions) {
  const file = join(root, 'layer');
  writeFileSync(file, bytes);
  const sink = createMemoryContent();
  const { blob, recipe } = await compressLayer(
    { file, diffId: digestOf(bytes) },
    { ...options, sink },
    createQuietCall(),
  );
  return { blob, recipe, packed: sink.blobs.get(blob.digest)! };
}

const gunzip = (bytes: Buffer, limits?: { free: number; ratio: number }) =>
  buffer(decompressStream(Readable.from([bytes], { objectMode: false }), 'gzip', limits));

test('a layer is read as it was, at the sizes where a member ends', async () => {
  for (const compression of ['gzip', 'zstd'] as const) {
    const member = compression === 'gzip' ? 1 << 20 : 4 << 20;
    for (const length of [0, 1, member - 1, member, member + 1]) {
      const bytes = Buffer.alloc(length, 'layer');
      const { packed, blob } = await compress(bytes, { compression, level: 1 });
      assert.is(blob.size, packed.length);
      const plain = await buffer(decompressStream(Readable.from([packed], { objectMode: false }), compression));
      assert.ok(plain.equals(bytes), `${compression} ${length}`);
    }
  }
});

test('every gzip level gives what another program reads, and level 0 stores', async () => {
  const bytes = Buffer.alloc(100_000, 'some text ');
  for (const level of [0, 1, 6, 9])
    assert.ok(gunzipSync((await compress(bytes, { compression: 'gzip', level })).packed).equals(bytes));
  const stored = await compress(bytes, { compression: 'gzip', level: 0 });
  assert.ok(stored.packed.length > bytes.length);
});

test('a gzip header names neither a time nor an operating system', async () => {
  const { packed } = await compress(Buffer.from('x'), { compression: 'gzip' });
  assert.equal([...packed.subarray(0, 8)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  assert.is(packed[9], 255);
});

test('a recipe names compression and level, and is the one that is used', async () => {
  for (const options of [
    { compression: 'gzip' },
    { compression: 'gzip', level: 9 },
    { compression: 'zstd' },
  ] as const) {
    const recipe = await findRecipe(options);
    assert.is((await compress(Buffer.from('x'), options)).recipe, recipe);
    assert.ok(recipe.startsWith(`${options.compression}/`));
  }
  assert.match(await findRecipe({ compression: 'gzip' }), /^gzip\/6\//);
  assert.is.not(await findRecipe({ compression: 'zstd' }), await findRecipe({ compression: 'zstd', level: 9 }));
});

test('a file that is not the layer is refused, and the sink keeps nothing', async () => {
  const file = join(root, 'other');
  writeFileSync(file, 'changed');
  const sink = createMemoryContent();
  const layer = { file, diffId: digestOf(Buffer.from('as it was')) };
  const error = await rejects(compressLayer(layer, { sink, compression: 'gzip' }, createQuietCall()), 'integrity');
  assert.equal(error.suspect, { kind: 'blob', digest: layer.diffId });
  assert.is(sink.blobs.size, 0);
});

test('gzip that is cut off anywhere is damage, and members one after another are one stream', async () => {
  const packed = gzipSync(Buffer.from(Array.from({ length: 100 }, (_, n) => n ** 3).join(' ')));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: packed.length - 1 }), async (length) => {
      await rejects(gunzip(packed.subarray(0, length)), 'invalid-archive', /gzip data is damaged/);
    }),
    { numRuns: 50 },
  );
  assert.ok(
    (await gunzip(Buffer.concat([packed, packed]))).equals(Buffer.concat([gunzipSync(packed), gunzipSync(packed)])),
  );
});

test('a failure of the source is handed on as it is', async () => {
  const source = new PassThrough();
  const reading = buffer(decompressStream(source, 'gzip'));
  source.write(gzipSync('abc').subarray(0, 12));
  source.destroy(new Error('connection is gone'));
  const error = await reading.catch((reason: unknown) => reason);
  assert.is((error as Error).message, 'connection is gone');
});

test('gzip may expand up to the limit, and not by one byte more', async () => {
  const zeros = gzipSync(Buffer.alloc(500_000));
  assert.is((await gunzip(zeros, { free: 500_000, ratio: 1 })).length, 500_000);
  await rejects(gunzip(zeros, { free: 499_999, ratio: 1 }), 'limit');
});

test('what is not compressed is the same stream', () => {
  const source = Readable.from([]);
  assert.is(decompressStream(source, 'uncompressed'), source);
});

test.run();
