/** Paths inside an image, as text. Symlinks are not followed. */
import { posix } from 'node:path';

/** Absolute, without `.`, `..`, doubled or trailing slashes; `..` stops at the root. */
export function cleanAbsolute(path: string): string {
  return posix.normalize(`/${path}`).replace(/(?<=.)\/$/, '');
}

/** The working directory after WORKDIR. An absolute path is used as written. */
export function joinWorkdir(current: string, path: string): string {
  if (path.startsWith('/')) return path;
  const parent = cleanAbsolute(current);
  return path === '' ? parent : cleanAbsolute(posix.join(parent, path));
}

/** The destination of COPY: absolute and clean, with a trailing slash for a directory. */
export function resolveCopyDestination(workdir: string, path: string): string {
  const absolute = cleanAbsolute(path.startsWith('/') ? path : posix.join('/', workdir, path));
  const isDirectory = path === '' || path === '.' || path.endsWith('/') || path.endsWith('/.');
  return isDirectory && absolute !== '/' ? `${absolute}/` : absolute;
}

/** A path relative to the root, without leading slash. `''` is the root. */
export function toRootRelative(path: string): string {
  return cleanAbsolute(path).slice(1);
}
