import { MkimageError } from '../errors.ts';
import type { FileTree, TreePath } from './tree.ts';
import { joinPath, parentOf } from './tree-path.ts';

/** The number of symlinks that containerd and BuildKit follow in one path. */
export const MAX_LINKS = 255;

export interface ResolveOptions {
  /** False: a symlink in the last component is not followed. Default true. */
  readonly followLast?: boolean;
  /** The directory that a relative path starts from. Its path must not contain symlinks. Default: the root. */
  readonly from?: TreePath;
}

/**
 * Resolves a path inside the root, component by component: an absolute link starts again at the root, and `..` stops there.
 * A name that does not exist is kept as it is. So the result is always inside the root, but may not exist: call `stat` on it.
 * Throws `not-found` after 255 links.
 */
export function resolveInTree(tree: Pick<FileTree, 'stat'>, path: string, options: ResolveOptions = {}): TreePath {
  return resolveLinks((at) => targetOf(tree, at), path, options);
}

function targetOf(tree: Pick<FileTree, 'stat'>, path: TreePath): string | undefined {
  const entry = tree.stat(path);
  return entry?.type === 'symlink' ? entry.linkname : undefined;
}

/** The same as `resolveInTree`, with a function that returns a symlink's target (undefined: no symlink at this path). */
export function resolveLinks(
  linkAt: (path: TreePath) => string | undefined,
  path: string,
  { followLast = true, from = '' }: ResolveOptions = {},
): TreePath {
  const pending = path.split('/').reverse();
  let resolved = path.startsWith('/') ? '' : from;
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      resolved = parentOf(resolved);
      continue;
    }
    const here = joinPath(resolved, part);
    const target = pending.length > 0 || followLast ? linkAt(here) : undefined;
    if (target === undefined) {
      resolved = here;
      continue;
    }
    if (++links > MAX_LINKS) throw new MkimageError('not-found', `resolve \`${path}\`: too many symbolic links`);
    if (target.startsWith('/')) resolved = '';
    pending.push(...target.split('/').reverse());
  }
  return resolved;
}
