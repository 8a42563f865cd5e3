import type { FileEntry, TreePath } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import type { Change } from '../layer/index.ts';
import { toFsName } from '../tar/index.ts';

/** Creates the `put` change of an object. `links` contains the inodes whose content was yielded already; this call adds to it. */
export function createPut(file: string, entry: FileEntry, links: Set<string>): Change {
  const again = entry.inode !== undefined && links.has(entry.inode);
  if (entry.inode !== undefined) links.add(entry.inode);
  if (entry.type !== 'file' || again) return { kind: 'put', entry };
  return { kind: 'put', entry, content: { kind: 'host', file, offset: 0, size: entry.size } };
}

/** Returns true for an empty mount point, and for a parent directory of one. */
export function isMountPoint(exclude: ReadonlySet<TreePath>, entry: FileEntry): boolean {
  if (entry.type === 'file') return entry.size === 0 && exclude.has(entry.path);
  return entry.type === 'directory' && [...exclude].some((made) => `${made}/`.startsWith(`${entry.path}/`));
}

/** PATH_MAX without its NUL. */
const LONGEST = 4095;
const SHOWN = 60;

/**
 * Refuses an object whose path is longer than the kernel accepts: it could not be read, and no program could unpack it. Throws
 * `step-failed`.
 */
export function refuseTooLong(file: string, path: TreePath): void {
  if (file.length * 3 <= LONGEST) return;
  const length = Buffer.byteLength(toFsName(file));
  if (length <= LONGEST) return;
  const shown = `/${path.slice(0, SHOWN)}…${path.slice(-SHOWN)}`;
  const deep = path.split('/').length;
  throw new MkimageError('step-failed', `read changes of the step: the path \`${shown}\` is too long (${deep} names)`, {
    hint: `the maximum here is ${LONGEST - (length - Buffer.byteLength(toFsName(path)))} bytes; remove such folders in the step that creates them`,
  });
}
