import { closeSync, constants, openSync, readlinkSync } from 'node:fs';

/**
 * Opens an object at a real path (absolute, without symlinks). A user who may write to one of its folders could put a symlink there
 * between a check and the open call. So the object is opened first, and then the kernel reports its real path. Throws like `node:fs`,
 * `ELOOP` if the real path is another one.
 */
export function openExactly(path: string | Buffer, flags: number): number {
  const descriptor = openNoFollow(path, flags);
  if (isAt(descriptor, path)) return descriptor;
  closeSync(descriptor);
  throw createLinkError(path);
}

/** Opens a directory. Its content can then be accessed below its `descriptorPath`, even if the path is changed meanwhile. */
export function openDirectory(path: string | Buffer): number {
  return openExactly(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** A path of an open directory that does not depend on its name. */
export function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** The kernel returns ELOOP ("too many symbolic links") also for one symlink in the last component, so the error is replaced. */
function openNoFollow(path: string | Buffer, flags: number): number {
  try {
    return openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? createLinkError(path) : error;
  }
}

function isAt(descriptor: number, path: string | Buffer): boolean {
  const link = descriptorPath(descriptor);
  if (typeof path === 'string') return readlinkSync(link) === path;
  return readlinkSync(link, { encoding: 'buffer' }).equals(path);
}

function createLinkError(path: string | Buffer): NodeJS.ErrnoException {
  return Object.assign(new Error('its path contains a symbolic link'), { code: 'ELOOP', path: path.toString() });
}
