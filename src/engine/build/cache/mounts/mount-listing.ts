/** The listing of a cache mount in a shared cache: its files with their digests, so that only changed ones are written again. */
import type { ContentSource, TreePath } from '../../../../content/index.ts';
import { verifyStream } from '../../../../content/index.ts';
import { type Descriptor, digestOf } from '../../../../oci/index.ts';
import type { Call } from '../../../../progress.ts';

/** For each path, what distinguishes its object: kind, mode, owner and the digest of its content. */
export type MountListing = ReadonlyMap<TreePath, string>;

const MEDIA_TYPE = 'application/vnd.mkimage.cache.files.v1+json';
const VERSION = 1;
const MOST_BYTES = 64 << 20;

export interface EncodedListing {
  readonly blob: Descriptor;
  readonly bytes: Buffer;
}

export function encodeListing(files: MountListing): EncodedListing {
  const bytes = Buffer.from(JSON.stringify({ version: VERSION, files: [...files] }));
  return { blob: { mediaType: MEDIA_TYPE, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** Returns undefined for a listing that is missing, damaged or of another version: then all files count as changed. */
export async function readListing(
  from: ContentSource,
  blob: Descriptor,
  call: Call,
): Promise<MountListing | undefined> {
  if (blob.size > MOST_BYTES) return undefined;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of verifyStream(await from.open(blob, call), blob)) chunks.push(chunk as Buffer);
    return decode(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch (error) {
    if (call.signal.aborted) throw error;
    return undefined;
  }
}

function decode(value: unknown): MountListing | undefined {
  const { version, files } = (value ?? {}) as { readonly version?: unknown; readonly files?: unknown };
  if (version !== VERSION || !Array.isArray(files) || !files.every(isPair)) return undefined;
  return new Map(files);
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string');
}
