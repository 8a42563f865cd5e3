import { lstatSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { thisUser } from '../owners/this-process.ts';

/** As in the kernel. */
const MOST_LINKS = 40;
/** S_ISVTX and S_IWOTH: anybody may put something into it, and only its owner may take it away. */
const STICKY_FOR_ALL = 0o1002;

/**
 * Where a path leads, symbolic links followed, as far as it exists; what is not there yet stands for itself. A link that
 * another user put into a folder where everybody may write (`/tmp`) is not followed, as the kernel does not with
 * fs.protected_symlinks (proc(5)): resolving a path in a program of its own goes past that protection. Throws like
 * `node:fs`, `ELOOP` for such a link.
 */
export function protectedRealPath(path: string): string {
  const whole = resolve(path);
  if (isReal(whole)) return whole;
  const names = namesOf(whole);
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
    // The links of /proc are the kernel's own: what they lead to has no path, or another one than they show.
    if (!stats.isSymbolicLink() || next.startsWith('/proc/')) {
      here = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw pathError(`too many symbolic links on the way to \`${whole}\``, whole);
    if (!mayUse(stats, lstatSync(here))) throw pathError(`another user put the link \`${next}\` there`, next);
    const target = readlinkSync(next);
    if (target.startsWith('/')) here = '/';
    names.unshift(...namesOf(target));
  }
  return here;
}

/**
 * Refuses a pipe that another user put into a folder where everybody may write, as the kernel does with fs.protected_fifos:
 * what is written to it would be theirs to read. Throws `ELOOP`.
 */
export function requireOwnPipe(path: string): void {
  if (path.startsWith('/proc/') || mayUse(lstatSync(path), lstatSync(dirname(path)))) return;
  throw pathError(`another user put the pipe \`${path}\` there`, path);
}

/** There is no link on the way: found out in one call. */
function isReal(path: string): boolean {
  try {
    return realpathSync.native(path) === path;
  } catch {
    return false;
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** What another user put into a folder for all may be there to mislead; what the folder's owner put there may not. */
function mayUse(object: Stats, folder: Stats): boolean {
  if ((folder.mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL) return true;
  return object.uid === thisUser().uid || object.uid === folder.uid;
}

function pathError(why: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(why), { code: 'ELOOP', path });
}
