import { MkimageError } from '../errors.ts';
import type { FileTree, TreePath } from './tree.ts';
import { joinPath, parentOf } from './tree-path.ts';

/** As many symlinks as containerd and BuildKit follow in one path. */
export const MAX_LINKS = 255;

export interface ResolveOptions {
  /** False: a symlink in the last place is the answer itself. Default true. */
  readonly followLast?: boolean;
  /** Where a relative path begins: a directory that is no link, nor is any on the way to it. Default the root. */
  readonly from?: TreePath;
}

/**
 * Where a path leads inside the root: component by component, absolute links start again at the root, `..` stops there.
 * What does not exist is taken as an ordinary name, so the answer always lies in the root but need not exist: `stat` it.
 * Throws `not-found` after 255 links.
 */
export function resolveInTree(tree: Pick<FileTree, 'stat'>, path: string, options: ResolveOptions = {}): TreePath {
  return resolveLinks((at) => targetOf(tree, at), path, options);
}

function targetOf(tree: Pick<FileTree, 'stat'>, path: TreePath): string | undefined {
  const entry = tree.stat(path);
  return entry?.type === 'symlink' ? entry.linkname : undefined;
}

/** The same walk over anything that can say where a symlink points (undefined: no symlink there). */
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
