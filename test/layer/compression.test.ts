import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compressLayer } from '../../src/compression/compress.ts';
import { decompressStream } from '../../src/compression/decompress.ts';
import { isIncompressible } from '../../src/compression/entropy.ts';
import { type ArchiveCompression, sniffCompression } from '../../src/compression/sniff.ts';
import { createMemoryContent } from '../../src/content/index.ts';
import { isMkimageError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('compression');
const root = tempDir('compression');

const text = Buffer.from(Array.from({ length: 60_000 }, (_, line) => `line ${line} ${line * 7919}\n`).join(''));
const TOOLS = { gzip: ['gzip', '-c'], bzip2: ['bzip2', '-c'], xz: ['xz', '-c'], zstd: ['zstd', '-c', '-q'] } as const;
type Tool = keyof typeof TOOLS;

function compressWith(tool: Tool, bytes: Buffer): Buffer {
  const [program, ...options] = TOOLS[tool];
  return execFileSync(programPath(program)!, options, { input: bytes, maxBuffer: 1 << 28 });
}

const plain = (bytes: Buffer, compression: ArchiveCompression, limits?: { free: number; ratio: number }) =>
  buffer(decompressStream(Readable.from(inPieces(bytes), { objectMode: false }), compression, limits));

function* inPieces(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

async function fails(promise: Promise<unknown>, code: 'invalid-archive' | 'limit'): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isMkimageError(error, code), String(error));
}

for (const tool of Object.keys(TOOLS) as Tool[]) {
  const check = withNeeds(test, { programs: [tool] });

  check(`reads what ${tool} writes, in one stream and in several`, async () => {
    const packed = compressWith(tool, text);
    assert.is(sniffCompression(packed), tool);
    assert.ok((await plain(packed, tool)).equals(text));
    const twice = Buffer.concat([packed, compressWith(tool, text.subarray(0, 1000))]);
    assert.ok((await plain(twice, tool)).equals(Buffer.concat([text, text.subarray(0, 1000)])));
    assert.is((await plain(compressWith(tool, Buffer.alloc(0)), tool)).length, 0);
  });

  check(`refuses ${tool} data that is cut off or is something else`, async () => {
    const packed = compressWith(tool, text);
    await fails(plain(packed.subarray(0, packed.length / 2), tool), 'invalid-archive');
    await fails(plain(text, tool), 'invalid-archive');
  });

  check(`stops a bomb of ${tool}`, async () => {
    const bomb = compressWith(tool, Buffer.alloc(8 << 20));
    await fails(plain(bomb, tool, { free: 1 << 20, ratio: 200 }), 'limit');
    assert.is((await plain(bomb, tool, { free: 8 << 20, ratio: 200 })).length, 8 << 20);
  });
}

test('tells compressions by their first bytes', () => {
  assert.is(sniffCompression(Buffer.from('PK\x03\x04')), 'uncompressed');
  assert.is(sniffCompression(Buffer.alloc(0)), 'uncompressed');
  assert.is(sniffCompression(Buffer.from([0x1f, 0x8b])), 'uncompressed');
  assert.is(sniffCompression(Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])), 'zstd');
});

/** Three members: text, random bytes, both. */
const mixed = Buffer.concat([text, randomBytes(1 << 20), text, randomBytes(300_000)]);

async function compressed(compression: 'gzip' | 'zstd', concurrency: number, bytes = mixed) {
  const file = join(root, 'mixed');
  writeFileSync(file, bytes);
  const sink = createMemoryContent();
  const { blob, recipe } = await compressLayer(
    { file, diffId: digestOf(bytes) },
    { sink, compression, concurrency },
    createQuietCall(),
  );
  return { blob, recipe, bytes: sink.blobs.get(blob.digest)! };
}

test('makes the same gzip bytes whatever the number of threads', async () => {
  const one = await compressed('gzip', 1);
  const four = await compressed('gzip', 4);
  assert.is(one.blob.digest, four.blob.digest);
  assert.is(one.blob.digest, `sha256:${createHash('sha256').update(one.bytes).digest('hex')}`);
  assert.is(one.blob.size, one.bytes.length);
  assert.ok(gunzipSync(one.bytes).equals(mixed));
  assert.match(one.recipe, /^gzip\/6\/1048576\/zlib-/);
  assert.is(one.bytes[9], 255);
});

test('makes zstd that its own reader reads', async () => {
  const one = await compressed('zstd', 1);
  assert.is(one.blob.digest, (await compressed('zstd', 4)).blob.digest);
  assert.ok((await plain(one.bytes, 'zstd')).equals(mixed));
  assert.match(one.recipe, /^zstd\/3\/4194304\/zstd-/);
});

withNeeds(test, { programs: ['zstd'] })('makes zstd that the zstd program reads', async () => {
  const { bytes } = await compressed('zstd', 2);
  assert.ok(execFileSync(programPath('zstd')!, ['-dc'], { input: bytes, maxBuffer: 1 << 28 }).equals(mixed));
});

test('compresses an empty file to one empty member', async () => {
  assert.is(gunzipSync((await compressed('gzip', 2, Buffer.alloc(0))).bytes).length, 0);
  assert.is((await plain((await compressed('zstd', 2, Buffer.alloc(0))).bytes, 'zstd')).length, 0);
});

test('stores what does not shrink and compresses the rest', async () => {
  assert.ok(isIncompressible(randomBytes(1 << 20)));
  assert.ok(isIncompressible(gzipSync(Buffer.concat([text, randomBytes(1 << 20)]))));
  assert.not.ok(isIncompressible(text));
  assert.not.ok(isIncompressible(Buffer.from(randomBytes(1 << 20).toString('base64'))));
  assert.not.ok(isIncompressible(Buffer.alloc(1 << 20)));
  const random = await compressed('gzip', 2, randomBytes(4 << 20));
  assert.ok(random.bytes.length < (4 << 20) + 4096);
});

test('stops compressing when the caller cancels', async () => {
  const file = join(root, 'mixed');
  writeFileSync(file, mixed);
  const call = { signal: AbortSignal.abort(), report: () => {} };
  const sink = createMemoryContent();
  await compressLayer({ file, diffId: digestOf(mixed) }, { sink, compression: 'gzip' }, call).then(
    () => assert.unreachable(),
    (error: unknown) => assert.ok(isMkimageError(error, 'cancelled')),
  );
  assert.is(sink.blobs.size, 0);
});

test.run();
