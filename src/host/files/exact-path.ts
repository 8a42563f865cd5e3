import { closeSync, constants, openSync, readlinkSync } from 'node:fs';

/**
 * Opens what lies at a real path (absolute, no link on the way) and nothing else: whoever may write to one of its folders
 * could put a link there between two looks, and lead anywhere. The kernel says where the thing that was opened really is, so
 * there is no moment in between. Throws like `node:fs`, `ELOOP` if the path leads elsewhere.
 */
export function openExactly(path: string | Buffer, flags: number): number {
  const descriptor = openNoLink(path, flags);
  if (isAt(descriptor, path)) return descriptor;
  closeSync(descriptor);
  throw elsewhere(path);
}

/** A directory, so that what is in it can be reached, below its `descriptorPath`, whatever becomes of its path. */
export function openDirectory(path: string | Buffer): number {
  return openExactly(path, constants.O_RDONLY | constants.O_DIRECTORY);
}

/** The path by which the kernel finds an open directory. */
export function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** The kernel says ELOOP of a link in the last place too, as if it were many. */
function openNoLink(path: string | Buffer, flags: number): number {
  try {
    return openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? elsewhere(path) : error;
  }
}

function isAt(descriptor: number, path: string | Buffer): boolean {
  const link = descriptorPath(descriptor);
  if (typeof path === 'string') return readlinkSync(link) === path;
  return readlinkSync(link, { encoding: 'buffer' }).equals(path);
}

function elsewhere(path: string | Buffer): NodeJS.ErrnoException {
  return Object.assign(new Error('a symbolic link is on the way to it'), { code: 'ELOOP', path: path.toString() });
}
