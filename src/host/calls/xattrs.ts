import { MkimageError } from '../../errors.ts';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { bindForeign, createSystemError, readErrno, toCString } from './bind-foreign.ts';

/**
 * Extended attributes. A symlink in the last component is not followed. Attribute names are bytes, stored as path text (like paths).
 */

const llistxattr = bindForeign('long llistxattr(const void *path, void *list, ulong size)');
const lgetxattr = bindForeign('long lgetxattr(const void *path, const void *name, void *value, ulong size)');
const getxattr = bindForeign('long getxattr(const void *path, const void *name, void *value, ulong size)');
const lsetxattr = bindForeign(
  'int lsetxattr(const void *path, const void *name, const void *value, ulong size, int flags)',
);
const setxattr = bindForeign(
  'int setxattr(const void *path, const void *name, const void *value, ulong size, int flags)',
);

const ERANGE = 34;
const ENODATA = 61;
const EOPNOTSUPP = 95;

/** Returns the names of a path's extended attributes; none if the filesystem does not support them. Throws like `node:fs`. */
export function listXattrs(path: string): readonly string[] {
  const name = toCString(toFsName(path));
  const list = grow((buffer) => llistxattr(name, buffer, buffer.length), 'llistxattr', path);
  if (list === undefined || list.length === 0) return [];
  return textOfBytes(list.subarray(0, -1)).split('\0');
}

/** Returns the value of one extended attribute; undefined if it is not set. Throws like `node:fs`. */
export function getXattr(path: string, attribute: string): Buffer | undefined {
  const [name, key] = [toCString(toFsName(path)), toCString(toFsName(attribute))];
  return grow((buffer) => lgetxattr(name, key, buffer, buffer.length), 'lgetxattr', path);
}

/** The same, but follows a symlink. */
export function getXattrThrough(path: string, attribute: string): Buffer | undefined {
  const [name, key] = [toCString(toFsName(path)), toCString(toFsName(attribute))];
  return grow((buffer) => getxattr(name, key, buffer, buffer.length), 'getxattr', path);
}

/** Sets one extended attribute. Throws like `node:fs`. */
export function setXattr(path: string, attribute: string, value: Uint8Array): void {
  const result = lsetxattr(toCString(toFsName(path)), toCString(toFsName(attribute)), value, value.length, 0);
  if (result !== 0) throw createSystemError('lsetxattr', path);
}

/** The same, but follows a symlink: for the path of a descriptor in /proc, which is a symlink. */
export function setXattrThrough(path: string, attribute: string, value: Uint8Array): void {
  const result = setxattr(toCString(toFsName(path)), toCString(attribute), value, value.length, 0);
  if (result !== 0) throw createSystemError('setxattr', path);
}

/** Calls with a larger buffer until it is large enough. Returns undefined if the attribute is not set or not supported. */
function grow(call: (buffer: Buffer) => number, name: string, path: string): Buffer | undefined {
  for (let size = 1024; size <= 1 << 20; size *= 8) {
    const buffer = Buffer.allocUnsafe(size);
    const length = call(buffer);
    if (length >= 0) return buffer.subarray(0, length);
    const errno = readErrno();
    if (errno === ENODATA || errno === EOPNOTSUPP) return undefined;
    if (errno !== ERANGE) throw createSystemError(name, path, errno);
  }
  throw new MkimageError('limit', `read extended attributes of \`${path}\`: more than a megabyte`);
}
