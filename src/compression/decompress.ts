import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MkimageError } from '../errors.ts';
import { limitError, limits } from '../limits.ts';
import { bunzip2 } from './bunzip2.ts';
import type { ArchiveCompression } from './sniff.ts';
import { unxz } from './unxz.ts';
import { unzstd } from './unzstd.ts';

/** How much may come out of what goes in. */
export interface DecompressionLimits {
  /** Bytes that may come out whatever went in. */
  readonly free: number;
  /** Beyond that: bytes out for every byte in. */
  readonly ratio: number;
}

/** Ordinary layers shrink to a third. Zeros shrink to a thousandth and less: a gigabyte of them passes, then it is a bomb. */
function currentLimits(): DecompressionLimits {
  return { free: limits().UNPACKED_BYTES, ratio: limits().UNPACKED_RATIO };
}

const CHUNK = 256 << 10;

/**
 * The plain bytes of a compressed stream, all its members or frames. Fails with `invalid-archive` on bytes that are not of
 * this compression or end early, with `limit` on a decompression bomb.
 */
export function decompressed(
  source: Readable,
  compression: ArchiveCompression,
  most: DecompressionLimits = currentLimits(),
): Readable {
  if (compression === 'uncompressed') return source;
  const meter: Meter = { read: 0, written: 0, failure: undefined };
  const decode = async function* (compressed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      yield* decoderOf(compression)(counted(compressed, meter));
    } catch (cause) {
      throw cause === meter.failure ? cause : notOfKind(compression, cause);
    }
  };
  const output = new Transform({
    readableHighWaterMark: 4 * CHUNK,
    transform(chunk: Uint8Array, _encoding, done: TransformCallback) {
      meter.written += chunk.length;
      if (isBomb(meter, most)) done(bomb(meter));
      else done(null, chunk);
    },
  });
  pipeline(source, decode, output, () => {});
  return output;
}

type Decoder = (compressed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

function decoderOf(compression: Exclude<ArchiveCompression, 'uncompressed'>): Decoder {
  return { gzip: gunzip, zstd: unzstd, bzip2: bunzip2, xz: unxz }[compression];
}

function gunzip(compressed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const plain = createGunzip({ chunkSize: CHUNK });
  pipeline(compressed, plain, () => {});
  return plain;
}

interface Meter {
  read: number;
  written: number;
  /** What went wrong with the source itself. */
  failure: unknown;
}

async function* counted(compressed: AsyncIterable<Uint8Array>, meter: Meter): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of compressed) {
      meter.read += chunk.length;
      yield chunk;
    }
  } catch (error) {
    meter.failure = error;
    throw error;
  }
}

function isBomb({ read, written }: Readonly<Meter>, { free, ratio }: DecompressionLimits): boolean {
  return written > free && written > read * ratio;
}

function bomb({ read, written }: Readonly<Meter>): MkimageError {
  return limitError('UNPACKED_BYTES', `decompress archive: ${read} bytes have become more than ${written}`);
}

function notOfKind(compression: string, cause: unknown): unknown {
  if (cause instanceof MkimageError) return cause;
  return new MkimageError('invalid-archive', `decompress archive: the ${compression} data is damaged or ends early`, {
    cause,
  });
}
