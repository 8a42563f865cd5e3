import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MkimageError } from '../errors.ts';
import { createLimitError, getLimits } from '../limits.ts';
import { bunzip2 } from './bunzip2.ts';
import type { ArchiveCompression } from './sniff.ts';
import { unxz } from './unxz.ts';
import { unzstd } from './unzstd.ts';

/** Limits for the size of decompressed data. */
export interface DecompressionLimits {
  /** Bytes of output that are always allowed. */
  readonly free: number;
  /** Above `free`: allowed bytes of output for each byte of input. */
  readonly ratio: number;
}

/** Ordinary layers compress to a third. Zeros compress to a thousandth or less: more than a gigabyte of them counts as a bomb. */
function readLimits(): DecompressionLimits {
  return { free: getLimits().UNPACKED_BYTES, ratio: getLimits().UNPACKED_RATIO };
}

const CHUNK = 256 << 10;

/**
 * Decompresses a stream with all its members or frames. The result fails with `invalid-archive` if the data is damaged or ends
 * early, and with `limit` on a decompression bomb.
 */
export function decompressStream(
  source: Readable,
  compression: ArchiveCompression,
  most: DecompressionLimits = readLimits(),
): Readable {
  if (compression === 'uncompressed') return source;
  const meter: Meter = { read: 0, written: 0, failure: undefined };
  const decode = async function* (compressed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    try {
      yield* findDecoder(compression)(countInput(compressed, meter));
    } catch (cause) {
      throw cause === meter.failure ? cause : toArchiveError(compression, cause);
    }
  };
  const output = new Transform({
    readableHighWaterMark: 4 * CHUNK,
    transform(chunk: Uint8Array, _encoding, done: TransformCallback) {
      meter.written += chunk.length;
      if (isBomb(meter, most)) done(createBombError(meter));
      else done(null, chunk);
    },
  });
  pipeline(source, decode, output, () => {});
  return output;
}

type Decoder = (compressed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

function findDecoder(compression: Exclude<ArchiveCompression, 'uncompressed'>): Decoder {
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
  /** An error of the source itself. */
  failure: unknown;
}

async function* countInput(compressed: AsyncIterable<Uint8Array>, meter: Meter): AsyncIterable<Uint8Array> {
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

function createBombError({ read, written }: Readonly<Meter>): MkimageError {
  return createLimitError('UNPACKED_BYTES', `decompress archive: ${read} bytes expand to more than ${written}`);
}

function toArchiveError(compression: string, cause: unknown): unknown {
  if (cause instanceof MkimageError) return cause;
  return new MkimageError('invalid-archive', `decompress archive: the ${compression} data is damaged or ends early`, {
    cause,
  });
}
