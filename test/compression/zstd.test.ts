import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteFeed } from '../../src/compression/byte-feed.ts';
import { decompressStream } from '../../src/compression/index.ts';
import { createZstdEncoder } from '../../src/compression/zstd-encoder.ts';
import { readBlockHeader, readFrameHeader } from '../../src/compression/zstd-header.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('compression: zstd frames and blocks');
const MAGIC = '28b52ffd';
const LAST_RAW = 1;

const feedOf = (hex: string) => new ByteFeed(Readable.from([Buffer.from(hex, 'hex')]));
const frame = (hex: string) => readFrameHeader(feedOf(MAGIC + hex));
const unpack = (bytes: Buffer, limits?: { free: number; ratio: number }) =>
  buffer(decompressStream(Readable.from([bytes], { objectMode: false }), 'zstd', limits));

/** A block header: bits 0 last, 1-2 kind, 3-23 size. */
function block(kind: number, size: number, isLast = true): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (kind << 1) | (isLast ? LAST_RAW : 0), 0, 3);
  return header;
}

/** A frame of one segment, with its size in one byte. */
const single = (size: number, ...blocks: readonly Buffer[]) =>
  Buffer.concat([Buffer.from(`${MAGIC}20`, 'hex'), Buffer.of(size), ...blocks]);

async function failsWith(work: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.match(String((error as Error | undefined)?.message), message);
}

test('the size is read from one, two, four and eight bytes', async () => {
  assert.equal(await frame('2005'), { window: 5, contentSize: 5, hasChecksum: false });
  assert.equal(await frame('640100'), { window: 257, contentSize: 257, hasChecksum: true });
  assert.is((await frame('a000000100'))?.contentSize, 65_536);
  assert.is((await frame('e00000010000000000'))?.contentSize, 65_536);
  assert.equal(await frame('0038'), { window: 131_072, contentSize: undefined, hasChecksum: false });
});

test('a window has a power of two and eighths of it', async () => {
  assert.is((await frame('0000'))?.window, 1024);
  assert.is((await frame('0007'))?.window, 1024 + 7 * 128);
  assert.is((await frame('0088'))?.window, 128 << 20);
});

test('more than 128 MiB of window is a `limit`, however it is said', async () => {
  for (const hex of ['0089', '00ff', 'a001000008', 'e0ffffffffffffffff'])
    await rejects(frame(hex), 'limit', /needs a window of \d+ bytes/);
});

test('a reserved bit, a dictionary and another magic number are refused', async () => {
  await failsWith(frame('0838'), /reserved bit/);
  await failsWith(frame('013807'), /dictionaries/);
  assert.is((await frame('013800'))?.window, 131_072);
  await failsWith(readFrameHeader(feedOf('28b52ffe0038')), /not a zstd frame/);
});

test('a header that ends early is refused at every byte, and no header at all is the end', async () => {
  const whole = `${MAGIC}e00000010000000000`;
  for (let length = 2; length < whole.length; length += 2)
    await failsWith(readFrameHeader(feedOf(whole.slice(0, length))), /ends early/);
  assert.is(await readFrameHeader(feedOf('')), undefined);
});

test('frames without data are skipped, and one that is longer than the stream is refused', async () => {
  assert.is((await readFrameHeader(feedOf(`502a4d1802000000ffff5f2a4d1800000000${MAGIC}2005`)))?.window, 5);
  assert.is(await readFrameHeader(feedOf('502a4d1800000000')), undefined);
  await failsWith(readFrameHeader(feedOf('502a4d18ffffffff00')), /ends early/);
  await failsWith(readFrameHeader(feedOf('502a4d180000')), /ends early/);
});

test('a block has a kind and a size of at most 128 KiB', async () => {
  const read = (bytes: Buffer) => readBlockHeader(feedOf(bytes.toString('hex')));
  assert.equal(await read(block(0, 7, false)), { isLast: false, kind: 'raw', size: 7 });
  assert.equal(await read(block(1, 131_072)), { isLast: true, kind: 'repeated', size: 131_072 });
  assert.equal(await read(block(2, 1)), { isLast: true, kind: 'compressed', size: 1 });
  await failsWith(read(block(3, 1)), /malformed/);
  await failsWith(read(block(0, 131_073)), /malformed/);
  await failsWith(read(block(0, 1).subarray(0, 2)), /ends early/);
});

test('raw and repeated blocks are what they say', async () => {
  const raw = Buffer.concat([block(0, 3, false), Buffer.from('abc')]);
  const repeated = Buffer.concat([block(1, 4), Buffer.from('x')]);
  assert.is((await unpack(single(7, raw, repeated))).toString(), 'abcxxxx');
  assert.is((await unpack(single(0, block(0, 0)))).length, 0);
});

test('a size that is not that of the header, a missing checksum and a missing block are damage', async () => {
  const raw = Buffer.concat([block(0, 3), Buffer.from('abc')]);
  const open = Buffer.concat([block(0, 3, false), Buffer.from('abc')]);
  const checked = Buffer.concat([Buffer.from(`${MAGIC}2403`, 'hex'), raw]);
  for (const bytes of [single(2, raw), single(4, raw), single(3, open), checked, single(3, raw.subarray(0, 5))])
    await rejects(unpack(bytes), 'invalid-archive', /zstd data is damaged or ends early/);
  assert.is((await unpack(Buffer.concat([checked, Buffer.alloc(4)]))).toString(), 'abc');
});

test('what the encoder makes is read as it was, in frames one after another', async () => {
  const { encode } = await createZstdEncoder(3);
  const text = fc.array(fc.constantFrom('abc', 'line\n', 'ü', '\0\0\0\0', 'z'), { maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(text, fc.uint8Array({ maxLength: 300 }), async (words, bytes) => {
      const members = [Buffer.from(words.join('')), Buffer.from(bytes)];
      const packed = Buffer.concat(await Promise.all(members.map(encode)));
      assert.equal(await unpack(packed), Buffer.concat(members));
    }),
    { numRuns: 40 },
  );
});

test('cut off anywhere, a stream is damaged, and with any byte changed it never does worse', async () => {
  const { encode } = await createZstdEncoder(3);
  const packed = Buffer.from(
    await encode(Buffer.from(Array.from({ length: 200 }, (_, n) => `line ${n * n}`).join('\n'))),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: packed.length - 1 }), async (length) => {
      await rejects(unpack(packed.subarray(0, length)), 'invalid-archive');
    }),
    { numRuns: 60 },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(packed.length - 1), fc.nat(255), async (at, value) => {
      const changed = Buffer.from(packed);
      changed[at] = value;
      const error = await unpack(changed).catch((reason: unknown) => reason as { code?: string });
      if (!Buffer.isBuffer(error)) assert.ok(['invalid-archive', 'limit'].includes(error.code ?? ''), String(error));
    }),
    { numRuns: 150 },
  );
});

test('a bomb of repeated blocks is a `limit` before it is unpacked', async () => {
  const blocks = Array.from({ length: 100 }, () => Buffer.concat([block(1, 131_072, false), Buffer.of(0)]));
  const bomb = Buffer.concat([Buffer.from(`${MAGIC}0038`, 'hex'), ...blocks, block(0, 0)]);
  await rejects(unpack(bomb, { free: 1 << 20, ratio: 1000 }), 'limit', /bytes expand to more than/);
  assert.is((await unpack(bomb, { free: 100 * 131_072, ratio: 1 })).length, 100 * 131_072);
});

test.run();
