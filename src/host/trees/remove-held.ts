import { closeSync, constants, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { descriptorPath } from '../files/exact-path.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A folder that is held open while it is emptied. */
interface Held {
  readonly path: Buffer;
  readonly descriptor: number;
  readonly waiting: Buffer[];
}

/**
 * Removes a file, or a folder with all in it, where somebody else may write at the same time: every folder is held open, so a
 * link that is put in its place leads nowhere. The folder of `path` has to be safe itself. Nothing there is no failure.
 * Throws like `node:fs`.
 */
export function removeHeld(path: string | Buffer): void {
  const root = Buffer.from(path);
  if (isUnlinked(root)) return;
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
      if (!isUnlinked(below)) held.push(enter(below));
    }
  } finally {
    for (const { descriptor } of held) closeSync(descriptor);
  }
}

function enter(path: Buffer): Held {
  const descriptor = openSync(path, FOLDER);
  return { path, descriptor, waiting: readdirSync(descriptorPath(descriptor), { encoding: 'buffer' }) };
}

/** False for a folder. */
function isUnlinked(path: Buffer): boolean {
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
