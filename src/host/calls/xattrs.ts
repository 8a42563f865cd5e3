import { MkimageError } from '../../errors.ts';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { foreign, lastErrno, nulTerminated, systemError } from './foreign.ts';

/**
 * Extended attributes of the object itself: a symlink in the last component is never followed. Their names are bytes, as paths
 * are, and held as the same kind of text.
 */

const llistxattr = foreign('long llistxattr(const void *path, void *list, ulong size)');
const lgetxattr = foreign('long lgetxattr(const void *path, const void *name, void *value, ulong size)');
const lsetxattr = foreign(
  'int lsetxattr(const void *path, const void *name, const void *value, ulong size, int flags)',
);
const setxattr = foreign('int setxattr(const void *path, const void *name, const void *value, ulong size, int flags)');

const ERANGE = 34;
const ENODATA = 61;
const EOPNOTSUPP = 95;

/** Names of the extended attributes of a path; none where the filesystem has no such thing. Throws like `node:fs`. */
export function listXattrs(path: string): readonly string[] {
  const name = nulTerminated(toFsName(path));
  const list = grow((buffer) => llistxattr(name, buffer, buffer.length), 'llistxattr', path);
  if (list === undefined || list.length === 0) return [];
  return textOfBytes(list.subarray(0, -1)).split('\0');
}

/** Value of one extended attribute; undefined if it is not set. Throws like `node:fs`. */
export function getXattr(path: string, attribute: string): Buffer | undefined {
  const [name, key] = [nulTerminated(toFsName(path)), nulTerminated(toFsName(attribute))];
  return grow((buffer) => lgetxattr(name, key, buffer, buffer.length), 'lgetxattr', path);
}

/** Sets one extended attribute. Throws like `node:fs`. */
export function setXattr(path: string, attribute: string, value: Uint8Array): void {
  const result = lsetxattr(nulTerminated(toFsName(path)), nulTerminated(toFsName(attribute)), value, value.length, 0);
  if (result !== 0) throw systemError('lsetxattr', path);
}

/** The same of what a path leads to: for that of a descriptor, which is a link of the kernel's. */
export function setXattrThrough(path: string, attribute: string, value: Uint8Array): void {
  const result = setxattr(nulTerminated(toFsName(path)), nulTerminated(attribute), value, value.length, 0);
  if (result !== 0) throw systemError('setxattr', path);
}

/** Calls with a buffer that is enlarged while it is too small; undefined if there is no such attribute or none at all. */
function grow(call: (buffer: Buffer) => number, name: string, path: string): Buffer | undefined {
  for (let size = 1024; size <= 1 << 20; size *= 8) {
    const buffer = Buffer.allocUnsafe(size);
    const length = call(buffer);
    if (length >= 0) return buffer.subarray(0, length);
    const errno = lastErrno();
    if (errno === ENODATA || errno === EOPNOTSUPP) return undefined;
    if (errno !== ERANGE) throw systemError(name, path, errno);
  }
  throw new MkimageError('limit', `read extended attributes of \`${path}\`: more than a megabyte`);
}
