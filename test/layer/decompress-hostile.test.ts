/** Small compressed inputs that stand for much, or ask for much: what they cost is bounded. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bunzip2 } from '../../src/compression/bunzip2.ts';
import { decompressStream } from '../../src/compression/decompress.ts';
import type { ArchiveCompression } from '../../src/compression/sniff.ts';
import { succeed } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const XZ_OF_X = '/Td6WFoAAAFpIt42AgAhAQwAAACPmEGcAQAAeAAAAACDFtyMAAEVAaljNGCQQpkNAQAAAAABWVo=';
/** 200 MiB. */
const BZIP2_OF_ZEROS =
  '425a68393141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a80973141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a80973141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a80973141592653590e09e2df015f8e4000c0000008200030804d4642a025a90a8097314159265359f131847000c80c4040c00000400008200030cc0529a614022d88a01178bb9229c284822ea78dd0';

const test = suite('hostile compressed data');
const root = tempDir('decompress');
let count = 0;

const plain = (bytes: Uint8Array, compression: ArchiveCompression) =>
  buffer(decompressStream(Readable.from([bytes], { objectMode: false }), compression));

interface Cost {
  readonly bytes: number;
  readonly fault?: string;
  readonly megabytes: number;
}

/** What it takes a process of its own, which needs some 100 MB to begin with. */
async function costOf(bytes: Uint8Array, compression: ArchiveCompression): Promise<Cost> {
  const file = join(root, `f${count++}`);
  writeFileSync(file, bytes);
  const child = resolve('test/support/decompress-child.ts');
  return JSON.parse(await succeed(process.execPath, ['--import', 'tsx', child, file, compression])) as Cost;
}

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const LAST = 1;

function block(kind: 'raw' | 'repeated' | 'compressed' | 'none', size: number, content: Buffer | number[], flags = 0) {
  const bits = flags | (['raw', 'repeated', 'compressed', 'none'].indexOf(kind) << 1) | (size << 3);
  const header = Buffer.alloc(3);
  header.writeUIntLE(bits, 0, 3);
  return Buffer.concat([header, Buffer.from(content)]);
}

/** A frame with a window of 2^`log` bytes. */
const frame = (log: number, ...blocks: Buffer[]) =>
  Buffer.concat([Buffer.from([...MAGIC, 0, (log - 10) << 3]), ...blocks]);

const zeros = (count: number) => Array.from({ length: count }, () => block('repeated', 128 << 10, [0]));

test('a few bytes of zstd that stand for gigabytes take no more memory than others', async () => {
  const cost = await costOf(frame(21, ...zeros(40_000)), 'zstd');
  assert.is(cost.fault, 'limit');
  assert.ok(cost.bytes <= 2 ** 27 + (1 << 20), String(cost.bytes));
  assert.ok(cost.megabytes < 250, String(cost.megabytes));
});

test('a zstd window above 128 MiB is refused, and one below costs what comes out', async () => {
  const small = block('repeated', 100, [7], LAST);
  for (const log of [28, 30, 41])
    await rejects(plain(frame(log, small), 'zstd'), 'limit', /window of \d+ bytes \(limit 134217728\)/);
  const single = Buffer.concat([Buffer.from([...MAGIC, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0]), small]);
  await rejects(plain(single, 'zstd'), 'limit', /window of 4294967296 bytes/);
  const cost = await costOf(frame(27, small), 'zstd');
  assert.equal([cost.bytes, cost.fault], [100, undefined]);
  assert.ok(cost.megabytes < 150, String(cost.megabytes));
});

test('many tiny zstd blocks and frames cost what they hold, not a window each', async () => {
  // Literals of one repeated byte and no sequences: five bytes that come out as one.
  const tiny = Array.from({ length: 10_000 }, () => block('compressed', 3, [0x01 | (1 << 3), 7, 0]));
  const begun = performance.now();
  const blocks = await plain(frame(27, ...zeros(1024), ...tiny, block('raw', 0, [], LAST)), 'zstd');
  assert.is(blocks.length, (128 << 20) + 10_000);
  const frames = Array.from({ length: 10_000 }, () => frame(27, block('repeated', 1, [7], LAST)));
  assert.is((await plain(Buffer.concat(frames), 'zstd')).length, 10_000);
  // With the window moved at every block this took minutes.
  assert.ok(performance.now() - begun < 30_000);
});

test('malformed zstd is refused', async () => {
  const refused: readonly Buffer[] = [
    frame(20, block('none', 5, [1, 2, 3, 4, 5], LAST)),
    frame(20, block('repeated', (128 << 10) + 1, [0], LAST)),
    frame(20, block('compressed', 2, [0xff, 0xff], LAST)),
    frame(20, block('raw', 5, [1, 2], LAST)),
    frame(20, block('raw', 1, [1])),
    Buffer.from([...MAGIC, 0x08, 0x50]),
    Buffer.from([...MAGIC, 0x01, 0x50, 9, 1, 0, 0]),
    Buffer.from([...MAGIC, 0x20, 5, ...block('raw', 4, [1, 2, 3, 4], LAST)]),
    Buffer.from([0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1, 2]),
    Buffer.concat([frame(20, block('raw', 1, [1], LAST)), Buffer.from('rubbish')]),
  ];
  for (const bytes of refused)
    await rejects(plain(bytes, 'zstd'), 'invalid-archive', /zstd data is damaged or ends early/);
});

test('an xz dictionary above 64 MiB is refused', async () => {
  for (const bits of [30, 39]) await rejects(plain(xzWithDictionary(bits), 'xz'), 'limit', /dictionary/);
  assert.is((await plain(xzWithDictionary(28), 'xz')).toString(), 'x');
});

withNeeds(test, { programs: ['bzip2'] })('bzip2 is read as it comes, a block at a time', async () => {
  const packed = execFileSync(programPath('bzip2')!, ['-c'], { input: randomBytes(1 << 20), maxBuffer: 1 << 28 });
  let given = 0;
  const endless = async function* () {
    for (;;) {
      given += packed.length;
      yield packed;
    }
  };
  for await (const piece of bunzip2(endless())) {
    assert.ok(piece.length > 0);
    break;
  }
  assert.ok(given < 6 << 20, String(given));
  const cost = await costOf(
    Buffer.concat(Array.from({ length: 4 }, () => Buffer.from(BZIP2_OF_ZEROS, 'hex'))),
    'bzip2',
  );
  assert.is(cost.fault, 'limit');
  assert.ok(cost.megabytes < 350, String(cost.megabytes));
});

test('gzip that expands to gigabytes takes no more memory than other gzip', async () => {
  const member = gzipSync(Buffer.alloc(64 << 20));
  const cost = await costOf(Buffer.concat(Array.from({ length: 4 }, () => member)), 'gzip');
  assert.is(cost.fault, 'limit');
  assert.ok(cost.megabytes < 250, String(cost.megabytes));
});

test.run();

/** `x` as xz, with the size of the dictionary in its block header changed (xz-file-format 1.2.1, 5.3.1). */
function xzWithDictionary(bits: number): Buffer {
  const bytes = Buffer.from(XZ_OF_X, 'base64');
  const size = (bytes[12]! + 1) * 4;
  bytes[16] = bits;
  bytes.writeUInt32LE(crc32(bytes.subarray(12, 12 + size - 4)), 12 + size - 4);
  return bytes;
}
