import type { FileEntry, TreePath } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import type { Change } from '../layer/index.ts';
import { toFsName } from '../tar/index.ts';

/** The change that says what an object is now. `links` holds the inodes whose bytes were given already, and is added to. */
export function putOf(file: string, entry: FileEntry, links: Set<string>): Change {
  const again = entry.inode !== undefined && links.has(entry.inode);
  if (entry.inode !== undefined) links.add(entry.inode);
  if (entry.type !== 'file' || again) return { kind: 'put', entry };
  return { kind: 'put', entry, content: { kind: 'host', file, offset: 0, size: entry.size } };
}

/** True for an empty file or childless directory that was made to be mounted over, or on the way to one. */
export function isMountPoint(exclude: ReadonlySet<TreePath>, entry: FileEntry): boolean {
  if (entry.type === 'file') return entry.size === 0 && exclude.has(entry.path);
  return entry.type === 'directory' && [...exclude].some((made) => `${made}/`.startsWith(`${entry.path}/`));
}

/** PATH_MAX without its NUL. */
const LONGEST = 4095;
const SHOWN = 60;

/**
 * What lies deeper than a path can be long cannot be read by its path, nor unpacked by anybody. Throws `step-failed`; what
 * the step made is not looked at any more.
 */
export function refuseTooLong(file: string, path: TreePath): void {
  if (file.length * 3 <= LONGEST) return;
  const length = Buffer.byteLength(toFsName(file));
  if (length <= LONGEST) return;
  const shown = `/${path.slice(0, SHOWN)}…${path.slice(-SHOWN)}`;
  const deep = path.split('/').length;
  throw new MkimageError(
    'step-failed',
    `read what the step made: \`${shown}\` is too long a path (${deep} names deep)`,
    {
      hint: `the file system takes paths of ${LONGEST - (length - Buffer.byteLength(toFsName(path)))} bytes here; remove such folders in the step that makes them`,
    },
  );
}
