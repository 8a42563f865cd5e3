/** Paths inside an image, as text: nothing here follows a symlink. */
import { posix } from 'node:path';

/** Absolute, without `.`, `..`, doubled or trailing slashes; `..` stops at the root. */
export function cleanAbsolute(path: string): string {
  return posix.normalize(`/${path}`).replace(/(?<=.)\/$/, '');
}

/** What WORKDIR makes of the directory in force; an absolute path is taken as written. */
export function joinWorkdir(current: string, path: string): string {
  if (path.startsWith('/')) return path;
  const parent = cleanAbsolute(current);
  return path === '' ? parent : cleanAbsolute(posix.join(parent, path));
}

/** Where COPY puts things: absolute and clean, with a trailing slash where a directory is meant. */
export function copyDestination(workdir: string, path: string): string {
  const absolute = cleanAbsolute(path.startsWith('/') ? path : posix.join('/', workdir, path));
  const isDirectory = path === '' || path === '.' || path.endsWith('/') || path.endsWith('/.');
  return isDirectory && absolute !== '/' ? `${absolute}/` : absolute;
}

/** A path below a root, relative to it, without leading slash; `''` is the root. */
export function belowRoot(path: string): string {
  return cleanAbsolute(path).slice(1);
}
