import { closeSync, constants, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { descriptorPath } from '../files/exact-path.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A folder that is kept open while it is emptied. */
interface Held {
  readonly path: Buffer;
  readonly descriptor: number;
  readonly waiting: Buffer[];
}

/**
 * Removes a file, or a folder with its content, where another user may write at the same time. Every folder is kept open, so a
 * symlink that replaces it has no effect. The parent folder of `path` must be safe. Does nothing if the path does not exist. Throws
 * like `node:fs`.
 */
export function removeByDescriptor(path: string | Buffer): void {
  const root = Buffer.from(path);
  if (tryUnlink(root)) return;
  const held: Held[] = [enter(root)];
  try {
    for (let top = held.at(-1); top !== undefined; top = held.at(-1)) {
      const name = top.waiting.pop();
      if (name === undefined) {
        closeSync(held.pop()!.descriptor);
        rmdirSync(top.path);
        continue;
      }
      const below = Buffer.concat([Buffer.from(`${descriptorPath(top.descriptor)}/`), name]);
      if (!tryUnlink(below)) held.push(enter(below));
    }
  } finally {
    for (const { descriptor } of held) closeSync(descriptor);
  }
}

function enter(path: Buffer): Held {
  const descriptor = openSync(path, FOLDER);
  return { path, descriptor, waiting: readdirSync(descriptorPath(descriptor), { encoding: 'buffer' }) };
}

/** Returns false for a folder, which is not removed. */
function tryUnlink(path: Buffer): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EISDIR') return false;
    if (code === 'ENOENT') return true;
    throw error;
  }
}
