/** Functions on tree paths (tree.ts) as text. They read no files. */
import type { TreePath } from './tree.ts';

const UNCLEAN = /^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/;

/** Converts any path text to a tree path below the root: `/a//./b/` becomes `a/b`, and `..` stops at the root. */
export function cleanPath(path: string): TreePath {
  if (!UNCLEAN.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Returns `directory/name`; either may be the root `''`. */
export function joinPath(directory: TreePath, name: TreePath): TreePath {
  if (directory === '') return name;
  return name === '' ? directory : `${directory}/${name}`;
}

/** The directory that holds the path; the root holds itself. */
export function parentOf(path: TreePath): TreePath {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last component; `''` for the root. */
export function nameOf(path: TreePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** All parent directories of the path except the root, topmost first: `a`, `a/b` for `a/b/c`. */
export function* ancestorsOf(path: TreePath): Iterable<TreePath> {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) yield path.slice(0, slash);
}

/** Compares by components, not by characters, so a directory is directly followed by its content. */
export function comparePaths(a: TreePath, b: TreePath): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length - b.length;
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

const SLASH = 0x2f;

function rank(code: number): number {
  return code === SLASH ? -1 : code;
}
