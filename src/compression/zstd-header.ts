/** Reads the headers of a zstd stream (RFC 8878, 3.1): the size of the data that follows, and the memory that it needs. */
import { MkimageError } from '../errors.ts';
import type { ByteFeed } from './byte-feed.ts';

/** The default limit of the zstd program. Frames of its highest levels need this much. */
export const WINDOW_LIMIT = 128 << 20;
export const BLOCK_LIMIT = 128 << 10;
const MAGIC = 0xfd2fb528;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

export interface FrameHeader {
  /** The maximum distance of a match, in bytes. */
  readonly window: number;
  /** Size of the output in bytes, if the header contains it. */
  readonly contentSize: number | undefined;
  readonly hasChecksum: boolean;
}

export interface BlockHeader {
  readonly isLast: boolean;
  readonly kind: 'raw' | 'repeated' | 'compressed';
  /** `repeated`: size of the output in bytes. Others: size of the content in the stream. */
  readonly size: number;
}

/** Reads the next frame's header; undefined at the end of the stream. Skips frames without data. */
export async function readFrameHeader(feed: ByteFeed): Promise<FrameHeader | undefined> {
  while (await feed.fill(1)) {
    await requireBytes(feed, 4);
    const magic = feed.take(4).readUInt32LE(0);
    if (magic === MAGIC) return readFrameFields(feed);
    if ((magic & 0xfffffff0) >>> 0 !== 0x184d2a50) throw new Error('not a zstd frame');
    await requireBytes(feed, 4);
    if (!(await feed.skip(feed.take(4).readUInt32LE(0)))) throw createEndError();
  }
  return undefined;
}

async function readFrameFields(feed: ByteFeed): Promise<FrameHeader> {
  await requireBytes(feed, 1);
  const flags = feed.take(1)[0]!;
  const isSingle = (flags & 0x20) !== 0;
  if ((flags & 0x08) !== 0) throw new Error('a reserved bit is set');
  const dictionaryBytes = DICTIONARY_BYTES[(flags & 3) as 0 | 1 | 2 | 3];
  const sizeBytes = flags >> 6 === 0 ? Number(isSingle) : 1 << (flags >> 6);
  await requireBytes(feed, Number(!isSingle) + dictionaryBytes + sizeBytes);
  const window = isSingle ? undefined : decodeWindow(feed.take(1)[0]!);
  if (feed.take(dictionaryBytes).some((byte) => byte !== 0)) throw new Error('dictionaries are not supported');
  const contentSize = decodeContentSize(feed.take(sizeBytes));
  return { window: requireWindow(window ?? contentSize ?? 0), contentSize, hasChecksum: (flags & 4) !== 0 };
}

function decodeWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function decodeContentSize(bytes: Buffer): number | undefined {
  switch (bytes.length) {
    case 0:
      return undefined;
    case 2:
      return bytes.readUInt16LE(0) + 256;
    case 8:
      return Number(bytes.readBigUInt64LE(0));
    default:
      return bytes.readUIntLE(0, bytes.length);
  }
}

function requireWindow(window: number): number {
  if (window <= WINDOW_LIMIT) return window;
  throw new MkimageError(
    'limit',
    `decompress archive: the zstd data needs a window of ${window} bytes (limit ${WINDOW_LIMIT})`,
    { hint: 'compress it again without `--long`' },
  );
}

/** Reads the header of the next block of a frame. */
export async function readBlockHeader(feed: ByteFeed): Promise<BlockHeader> {
  await requireBytes(feed, 3);
  const bits = feed.take(3).readUIntLE(0, 3);
  const kind = (['raw', 'repeated', 'compressed'] as const)[(bits >> 1) & 3];
  const size = bits >> 3;
  if (kind === undefined || size > BLOCK_LIMIT) throw new Error('a block is malformed');
  return { isLast: (bits & 1) !== 0, kind, size };
}

/** Waits until `length` bytes are buffered. Throws if the stream ends before. */
export async function requireBytes(feed: ByteFeed, length: number): Promise<void> {
  if (!(await feed.fill(length))) throw createEndError();
}

function createEndError(): Error {
  return new Error('the data ends early');
}
