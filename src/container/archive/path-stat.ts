import { readlinkSync } from 'node:fs';
import type { PathStat } from '../../api/index.ts';
import { isMkimageError } from '../../errors.ts';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { createMissingError, type Place, type RootView } from './root-view.ts';

/** Bits of Go's FileMode by the file type of st_mode, as the Engine API has them. */
const KINDS: ReadonlyMap<number, number> = new Map([
  [0o040000, 2 ** 31],
  [0o120000, 2 ** 27],
  [0o060000, 2 ** 26],
  [0o010000, 2 ** 25],
  [0o140000, 2 ** 24],
  [0o020000, 2 ** 26 + 2 ** 21],
]);
const SETUID = 2 ** 23;
const SETGID = 2 ** 22;
const STICKY = 2 ** 20;

/** Describes an object as the Engine API does; a symlink has the path that it leads to, inside the root. Throws `not-found`. */
export function statPath(view: RootView, path: string): PathStat {
  using place = view.find(path, { follow: false });
  const { stats } = place;
  if (stats === undefined) throw createMissingError(path);
  return {
    name: baseOf(path),
    size: Number(stats.size),
    mode: goMode(Number(stats.mode)),
    mtime: new Date(Number(stats.mtimeNs / 1_000_000n)).toISOString(),
    linkTarget: stats.isSymbolicLink() ? targetOf(view, place) : '',
  };
}

function goMode(mode: number): number {
  const special = (mode & 0o4000 ? SETUID : 0) + (mode & 0o2000 ? SETGID : 0) + (mode & 0o1000 ? STICKY : 0);
  return (mode & 0o777) + (KINDS.get(mode & 0o170000) ?? 0) + special;
}

/** The object need not exist. */
function targetOf(view: RootView, place: Place): string {
  try {
    using target = view.find(place.path, { follow: true });
    return target.path;
  } catch (error) {
    if (!isMkimageError(error)) throw error;
    return textOfBytes(readlinkSync(toFsName(place.file), { encoding: 'buffer' }));
  }
}

/** The last component as it was written: `.` after a slash at the end, which asks for the content of a directory. */
export function baseOf(path: string): string {
  if (path.endsWith('/') || path.endsWith('/.') || path === '.' || path === '')
    return path.split('/').every((name) => name === '' || name === '.') ? '/' : '.';
  return path.slice(path.lastIndexOf('/') + 1);
}
