/** Parallel compression of a layer that gives the same bytes for any number of threads: members of a fixed size, one by one. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type BlobSink, damagedBlob, readFully } from '../content/index.ts';
import { throwIfCancelled } from '../errors.ts';
import { libraryVersion } from '../host/index.ts';
import { type Compression, type Descriptor, type Digest, layerMediaType } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { isIncompressible } from './entropy.ts';
import type { MemberEncoder } from './member-encoder.ts';
import { zstdEncoder } from './zstd-encoder.ts';

const GZIP_MEMBER = 1 << 20;
/** zstd gains from longer frames, and has no checksum or header worth speaking of. */
const ZSTD_FRAME = 4 << 20;

export interface CompressOptions {
  readonly compression: Exclude<Compression, 'uncompressed'>;
  /** gzip 0 to 9 (default 6), zstd 1 to 19 (default 3). */
  readonly level?: number;
  /** Members in work at the same time; decides speed and memory, never bytes. */
  readonly concurrency?: number;
}

export interface CompressedLayer {
  readonly blob: Descriptor;
  /** Names everything that the bytes depend on, beside the layer: `gzip/6/1048576/zlib-1.3.1`. */
  readonly recipe: string;
}

interface Recipe {
  readonly name: string;
  readonly memberSize: number;
  readonly encode: MemberEncoder;
}

/** What `compressLayer` would call its result: to look for one that was made before. */
export async function recipeOf(options: CompressOptions): Promise<string> {
  return (await recipe(options)).name;
}

/**
 * Compresses a layer, which lies in a file, into a new blob of the sink. Throws `integrity` if the file does not hold the layer
 * of this diffId.
 */
export async function compressLayer(
  { file, diffId }: { readonly file: string; readonly diffId: Digest },
  options: CompressOptions,
  sink: BlobSink,
  call: Call,
): Promise<CompressedLayer> {
  const { name, memberSize, encode } = await recipe(options);
  await using blob = sink.create();
  const hash = createHash('sha256');
  for await (const member of inOrder(membersOf(file, memberSize, hash), encode, options.concurrency ?? 4)) {
    throwIfCancelled(call.signal);
    blob.write(member);
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== diffId) throw damagedBlob({ digest: diffId }, `\`${found}\``);
  const sealed = await blob.commit();
  return { blob: { mediaType: layerMediaType(options.compression), ...sealed }, recipe: name };
}

async function recipe({ compression, level }: CompressOptions): Promise<Recipe> {
  if (compression === 'gzip') {
    const chosen = level ?? 6;
    const name = `gzip/${chosen}/${GZIP_MEMBER}/zlib-${libraryVersion('zlib')}`;
    return { name, memberSize: GZIP_MEMBER, encode: gzipEncoder(chosen) };
  }
  const chosen = level ?? 3;
  const { encode, name } = await zstdEncoder(chosen);
  return { name: `zstd/${chosen}/${ZSTD_FRAME}/${name}`, memberSize: ZSTD_FRAME, encode };
}

/** One gzip member. What does not shrink (jars, pictures) is stored: that costs a tenth, and reads back faster. */
function gzipEncoder(level: number): MemberEncoder {
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

/** RFC 1952: the header's tenth byte names the system that compressed, which must not show. */
const GZIP_OS = 9;
const OS_UNKNOWN = 255;

/** The file cut into members, hashed on the way; an empty file is one empty member. */
function* membersOf(file: string, size: number, hash: Hash): Iterable<Buffer> {
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

/** Results in the order of their members, a bounded number of them in work. */
async function* inOrder(
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
