import { type BigIntStats, readdirSync, readlinkSync } from 'node:fs';
import type { FileEntry, FileType, TreePath } from '../../content/index.ts';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { decodeDevice } from '../calls/nodes.ts';
import { getXattr, listXattrs } from '../calls/xattrs.ts';
import { applyRecord, recordsAttributes } from './recorded-attributes.ts';

/** Returns the names in a host directory as path text, sorted by code units. */
export function listHostNames(directory: string): readonly string[] {
  return readdirSync(toFsName(directory), { encoding: 'buffer' }).map(textOfBytes).sort();
}

/**
 * Reads an object of the host's file system as a layer entry; undefined for a socket, which layers cannot contain. `stats` come from
 * lstat.
 */
export function readHostEntry(file: string, path: TreePath, stats: BigIntStats): FileEntry | undefined {
  const type = typeOf(stats);
  if (type === undefined) return undefined;
  const xattrs = type === 'symlink' ? undefined : readPortableXattrs(file);
  const entry: FileEntry = {
    path,
    type,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: type === 'file' ? Number(stats.size) : 0,
    mtime: toSeconds(stats.mtimeNs),
    ...(type === 'symlink' ? { linkname: textOfBytes(readlinkSync(toFsName(file), { encoding: 'buffer' })) } : {}),
    ...(type !== 'directory' && stats.nlink > 1n ? { inode: `${stats.dev}:${stats.ino}` } : {}),
    ...(type === 'char' || type === 'block' ? { device: decodeDevice(stats.rdev) } : {}),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
  return recordsAttributes() ? applyRecord(file, entry) : entry;
}

function typeOf(stats: BigIntStats): FileType | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'char';
  return stats.isBlockDevice() ? 'block' : undefined;
}

function toSeconds(nanoseconds: bigint): number {
  return Math.floor(Number(nanoseconds / 1_000_000n) / 1000);
}

/** Reads the attributes that are valid on other machines: file capabilities and `user.*`; no labels, ACLs or marks of overlayfs. */
function readPortableXattrs(file: string): Readonly<Record<string, string>> | undefined {
  const names = listXattrs(file).filter(
    (name) => name === 'security.capability' || /^user\.(?!overlay\.|mkimage\.)/.test(name),
  );
  if (names.length === 0) return undefined;
  return Object.fromEntries(
    names.sort().map((name) => [name, (getXattr(file, name) ?? Buffer.alloc(0)).toString('base64')]),
  );
}
