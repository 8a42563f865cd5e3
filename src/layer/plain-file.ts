import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Digest } from '../oci/index.ts';
import { createDigestError } from './scan.ts';

/** Writes a layer's uncompressed bytes to a file. The file is created only if it is complete and has this digest. */
export async function writePlainFile(plain: Readable, diffId: Digest, file: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`;
  const descriptor = openSync(unfinished, 'wx', 0o600);
  try {
    const found = await copyAndHash(plain, descriptor);
    if (found !== diffId) throw createDigestError(diffId, found);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

async function copyAndHash(plain: Readable, descriptor: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of plain as AsyncIterable<Uint8Array>) {
    hash.update(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  }
  return `sha256:${hash.digest('hex')}`;
}
