/**
 * Compresses a layer in parallel. The layer is cut into members of a fixed size, so the result has the same bytes for any number of
 * threads.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type BlobSink, createDamagedBlobError, readFully } from '../content/index.ts';
import { throwIfCancelled } from '../errors.ts';
import { readLibraryVersion } from '../host/index.ts';
import { type Compression, type Descriptor, type Digest, toLayerMediaType } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { isIncompressible } from './entropy.ts';
import type { MemberEncoder } from './member-encoder.ts';
import { createZstdEncoder } from './zstd-encoder.ts';

const GZIP_MEMBER = 1 << 20;
/** Longer frames compress better with zstd. */
const ZSTD_FRAME = 4 << 20;

export interface CompressOptions {
  readonly compression: Exclude<Compression, 'uncompressed'>;
  /** gzip 0 to 9 (default 6), zstd 1 to 19 (default 3). */
  readonly level?: number;
  /** Number of members that are compressed at the same time. It affects speed and memory, never the resulting bytes. */
  readonly concurrency?: number;
}

export interface CompressedLayer {
  readonly blob: Descriptor;
  /** Names everything except the layer that the bytes depend on: `gzip/6/1048576/zlib-1.3.1`. */
  readonly recipe: string;
}

interface Recipe {
  readonly name: string;
  readonly memberSize: number;
  readonly encode: MemberEncoder;
}

/** Returns the recipe that `compressLayer` would use, to find an earlier result. */
export async function findRecipe(options: CompressOptions): Promise<string> {
  return (await createRecipe(options)).name;
}

/**
 * Compresses a layer file into a new blob of the sink. Throws `integrity` if the file's digest is not the diffId.
 */
export async function compressLayer(
  { file, diffId }: { readonly file: string; readonly diffId: Digest },
  { sink, ...options }: CompressOptions & { readonly sink: BlobSink },
  call: Call,
): Promise<CompressedLayer> {
  const { name, memberSize, encode } = await createRecipe(options);
  await using blob = sink.create();
  const hash = createHash('sha256');
  for await (const member of encodeInOrder(readMembers(file, memberSize, hash), encode, options.concurrency ?? 4)) {
    throwIfCancelled(call.signal);
    blob.write(member);
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== diffId) throw createDamagedBlobError({ digest: diffId }, `\`${found}\``);
  const sealed = await blob.commit();
  return { blob: { mediaType: toLayerMediaType(options.compression), ...sealed }, recipe: name };
}

async function createRecipe({ compression, level }: CompressOptions): Promise<Recipe> {
  if (compression === 'gzip') {
    const chosen = level ?? 6;
    const name = `gzip/${chosen}/${GZIP_MEMBER}/zlib-${readLibraryVersion('zlib')}`;
    return { name, memberSize: GZIP_MEMBER, encode: createGzipEncoder(chosen) };
  }
  const chosen = level ?? 3;
  const { encode, name } = await createZstdEncoder(chosen);
  return { name: `zstd/${chosen}/${ZSTD_FRAME}/${name}`, memberSize: ZSTD_FRAME, encode };
}

/**
 * Creates an encoder for one gzip member. Data that does not compress (jars, images) is stored: that takes a tenth of the time, and
 * is faster to read.
 */
function createGzipEncoder(level: number): MemberEncoder {
  const deflate = promisify<Buffer, { level: number; memLevel: number; chunkSize: number }, Buffer>(gzip);
  return async (member) => {
    const stored = isIncompressible(member);
    const bytes = await deflate(member, {
      level: stored ? constants.Z_NO_COMPRESSION : level,
      memLevel: 8,
      chunkSize: stored ? member.length + 1024 : member.length / 2 + 1024,
    });
    bytes[GZIP_OS] = OS_UNKNOWN;
    return bytes;
  };
}

/** RFC 1952: the tenth byte of the header names the operating system. It is overwritten, so all hosts produce the same bytes. */
const GZIP_OS = 9;
const OS_UNKNOWN = 255;

/** Reads a file as members and updates the hash. An empty file gives one empty member. */
function* readMembers(file: string, size: number, hash: Hash): Iterable<Buffer> {
  const descriptor = openSync(file, 'r');
  try {
    for (let first = true; ; first = false) {
      const member = Buffer.allocUnsafe(size);
      const length = readFully(descriptor, member);
      hash.update(member.subarray(0, length));
      if (length > 0 || first) yield member.subarray(0, length);
      if (length < size) return;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Encodes members, at most `concurrency` at the same time, and yields the results in the order of the members. */
async function* encodeInOrder(
  members: Iterable<Buffer>,
  encode: MemberEncoder,
  concurrency: number,
): AsyncIterable<Uint8Array> {
  const running: Promise<Uint8Array>[] = [];
  try {
    for (const member of members) {
      running.push(encode(member));
      if (running.length >= concurrency) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
