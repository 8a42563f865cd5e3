import { constants, type Stats } from 'node:fs';
import type { FileEntry, FileType, TreePath } from '../../content/index.ts';
import type { Xattrs } from './stat-table.ts';

interface EntryFacts {
  readonly type: FileType;
  readonly stats: Stats;
  readonly linkname?: string | undefined;
  readonly xattrs?: Xattrs | undefined;
}

/** Converts a host file into an entry of a context, owned by 0:0. */
export function entryOf(path: TreePath, { type, stats, linkname, xattrs }: EntryFacts): FileEntry {
  const entry: Writable<FileEntry> = {
    path,
    type,
    mode: stats.mode & 0o7777,
    uid: 0,
    gid: 0,
    size: type === 'file' ? stats.size : 0,
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
  if (linkname !== undefined) entry.linkname = linkname;
  if (xattrs !== undefined) entry.xattrs = xattrs;
  if (type === 'file' && stats.nlink > 1) entry.inode = `${stats.dev}:${stats.ino}`;
  if (type === 'char' || type === 'block') entry.device = deviceOf(stats.rdev);
  return entry;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The type by the bits of S_IFMT. A socket counts as an empty file, as in a context sent to BuildKit. */
export function typeOf(stats: Stats): FileType {
  switch (stats.mode & constants.S_IFMT) {
    case constants.S_IFDIR:
      return 'directory';
    case constants.S_IFLNK:
      return 'symlink';
    case constants.S_IFIFO:
      return 'fifo';
    case constants.S_IFCHR:
      return 'char';
    case constants.S_IFBLK:
      return 'block';
    default:
      return 'file';
  }
}

/** Linux's encoding of a device number in 32 bits. */
function deviceOf(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}
