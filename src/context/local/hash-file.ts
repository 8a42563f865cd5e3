import * as crypto from 'node:crypto';
import { closeSync, fstatSync, type Stats } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readFully } from '../../content/index.ts';
import type { Digest } from '../../oci/index.ts';

/** Files up to this many bytes are hashed synchronously; longer ones let other work run in between. */
const AT_ONCE = 4 * 1024 * 1024;

export interface HashedFile {
  readonly digest: Digest;
  /** The file's attributes after the last byte was read. */
  readonly after: Stats;
  /** The whole content, if it was read synchronously. */
  readonly bytes?: Uint8Array;
}

/** Hashes an open file to its end and closes it. Throws system errors; `EINVAL` if it is not a regular file. */
export function hashFile(descriptor: number, size: number): HashedFile | Promise<HashedFile> {
  if (size > AT_ONCE) return hashInTurns(descriptor);
  try {
    return hashAtOnce(descriptor, size);
  } finally {
    closeSync(descriptor);
  }
}

/** Uses only three system calls per file, because the first build of a context hashes all its files. */
function hashAtOnce(descriptor: number, size: number): HashedFile {
  const bytes = Buffer.allocUnsafe(size);
  const read = readFully(descriptor, bytes);
  const after = regular(descriptor);
  const whole = bytes.subarray(0, read);
  if (after.size === read) return { digest: sha256(whole), after, bytes: whole };
  const hash = crypto.createHash('sha256').update(bytes.subarray(0, read));
  const chunk = Buffer.allocUnsafe(AT_ONCE);
  for (let length = readFully(descriptor, chunk); length > 0; length = readFully(descriptor, chunk))
    hash.update(chunk.subarray(0, length));
  return { digest: `sha256:${hash.digest('hex')}`, after: regular(descriptor) };
}

async function hashInTurns(descriptor: number): Promise<HashedFile> {
  try {
    regular(descriptor);
    const hash = crypto.createHash('sha256');
    const chunk = Buffer.allocUnsafe(AT_ONCE);
    for (let length = readFully(descriptor, chunk); length > 0; length = readFully(descriptor, chunk)) {
      hash.update(chunk.subarray(0, length));
      await nextTurn();
    }
    return { digest: `sha256:${hash.digest('hex')}`, after: regular(descriptor) };
  } finally {
    closeSync(descriptor);
  }
}

function regular(descriptor: number): Stats {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' });
  return stats;
}

/** `crypto.hash` creates no stream object, which is faster for thousands of small files. */
function sha256(bytes: Uint8Array): Digest {
  return `sha256:${crypto.hash('sha256', bytes, 'hex')}`;
}
