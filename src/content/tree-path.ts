/** Arithmetic on tree paths (tree.ts): text only, nothing is looked up. */
import type { TreePath } from './tree.ts';

const UNCLEAN = /^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/;

/** The tree path that any path text means below the root: `/a//./b/` is `a/b`, and `..` stops at the root. */
export function cleanPath(path: string): TreePath {
  if (!UNCLEAN.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** `directory/name`; either may be the root `''`. */
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

/** The directories on the way to the path, from the first component to its parent: `a`, `a/b` for `a/b/c`. */
export function* ancestorsOf(path: TreePath): Iterable<TreePath> {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) yield path.slice(0, slash);
}

/** Order in which every directory comes directly before what is in it: by components, not by characters. */
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
