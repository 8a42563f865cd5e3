import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { thisUser } from '../owners/this-process.ts';

/** The same limit as in the kernel. */
const MOST_LINKS = 40;
/** S_ISVTX and S_IWOTH: everybody may create files in the folder, and only their owner may remove them. */
const STICKY_FOR_ALL = 0o1002;

/**
 * Resolves the symlinks of a path. Keeps names that do not exist. Does not follow a symlink that another user put into a folder where
 * everybody may write (`/tmp`). The kernel has the same rule (fs.protected_symlinks, proc(5)), but does not apply it when a program
 * resolves a path itself. Throws like `node:fs`, `ELOOP` for such a symlink.
 */
export function resolveRealPath(path: string): string {
  const whole = resolve(path);
  if (isReal(whole)) return whole;
  const names = splitPath(whole);
  let here = '/';
  for (let links = 0; names.length > 0; ) {
    const name = names.shift()!;
    if (name === '..') {
      here = dirname(here);
      continue;
    }
    const next = join(here, name);
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats === undefined) return join(next, ...names);
    // Symlinks of /proc are made by the kernel: their targets may have no path, or another path than they show.
    if (!stats.isSymbolicLink() || next.startsWith('/proc/')) {
      here = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw createPathError(`too many symbolic links in the path \`${whole}\``, whole);
    if (!mayUse(stats, lstatSync(here))) throw createPathError(`another user put the link \`${next}\` there`, next);
    const target = readlinkSync(next);
    if (target.startsWith('/')) here = '/';
    names.unshift(...splitPath(target));
  }
  return here;
}

/**
 * Refuses a pipe that another user put into a folder where everybody may write, like the kernel with fs.protected_fifos: that user
 * could read what is written to the pipe. Throws `ELOOP`.
 */
export function requireOwnPipe(path: string): void {
  if (path.startsWith('/proc/') || mayUse(lstatSync(path), lstatSync(dirname(path)))) return;
  throw createPathError(`another user put the pipe \`${path}\` there`, path);
}

/** Returns true if the path contains no symlink. Needs one call only. */
function isReal(path: string): boolean {
  try {
    return realpathSync.native(path) === path;
  } catch {
    return false;
  }
}

function splitPath(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** Returns false if another user, who is not the owner of the folder, created the object in a folder where everybody may write. */
function mayUse(object: Stats, folder: Stats): boolean {
  if ((folder.mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL) return true;
  return object.uid === thisUser().uid || object.uid === folder.uid;
}

function createPathError(why: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(why), { code: 'ELOOP', path });
}
