import type { FileEntry, TreePath } from '../content/index.ts';
import type { Change } from '../layer/index.ts';

/** The change that says what an object is now. `links` holds the inodes whose bytes were given already, and is added to. */
export function putOf(file: string, entry: FileEntry, links: Set<string>): Change {
  const again = entry.inode !== undefined && links.has(entry.inode);
  if (entry.inode !== undefined) links.add(entry.inode);
  if (entry.type !== 'file' || again) return { kind: 'put', entry };
  return { kind: 'put', entry, content: { kind: 'host', file, offset: 0, size: entry.size } };
}

/** True if two objects are the same but for where they lie and what they hold. */
export function sameAttributes(one: FileEntry, other: FileEntry): boolean {
  return attributesOf(one) === attributesOf(other);
}

function attributesOf({ type, mode, uid, gid, size, mtime, linkname, device, xattrs }: FileEntry): string {
  return JSON.stringify([type, mode, uid, gid, size, mtime, linkname, device, xattrs ?? {}]);
}

/** True for an empty file or childless directory that was made to be mounted over, or on the way to one. */
export function isMountPoint(exclude: ReadonlySet<TreePath>, entry: FileEntry): boolean {
  if (entry.type === 'file') return entry.size === 0 && exclude.has(entry.path);
  return entry.type === 'directory' && [...exclude].some((made) => `${made}/`.startsWith(`${entry.path}/`));
}
