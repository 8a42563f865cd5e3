import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { throwIfCancelled } from '../errors.ts';

const CHUNK = 1 << 20;
/** Opening a pipe must not block, and a symlink must not be followed. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Returns the sha256 of a file's bytes; undefined if it is not a regular file or cannot be read. Gives control to the event loop
 * after each mebibyte.
 */
export async function hashFile(path: string | Buffer, signal: AbortSignal): Promise<string | undefined> {
  let file: number | undefined;
  try {
    file = openSync(path, FLAGS);
    if (!fstatSync(file).isFile()) return undefined;
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (let count = -1; count !== 0; ) {
      count = readSync(file, buffer, 0, CHUNK, null);
      hash.update(buffer.subarray(0, count));
      await new Promise((turn) => setImmediate(turn));
      throwIfCancelled(signal);
    }
    return `sha256:${hash.digest('hex')}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined || (error as Error).name === 'MkimageError') throw error;
    return undefined; // a symlink, or a disk error
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
