import type { FileEntry, FileTree, TreePath } from './tree.ts';

/**
 * What is below a path (and the object there, unless it is missing), directories before their contents, names sorted. No
 * symlink is followed. `enter` false: the directory itself is given, its contents are not.
 */
export function* walkTree(
  tree: Pick<FileTree, 'stat' | 'list'>,
  path: TreePath = '',
  enter: (directory: FileEntry) => boolean = () => true,
): Iterable<FileEntry> {
  const start = tree.stat(path);
  if (start === undefined) return;
  yield start;
  if (start.type === 'directory' && enter(start)) yield* walkChildren(tree, path, enter);
}

function* walkChildren(
  tree: Pick<FileTree, 'list'>,
  path: TreePath,
  enter: (directory: FileEntry) => boolean,
): Iterable<FileEntry> {
  for (const child of tree.list(path)) {
    yield child;
    if (child.type === 'directory' && enter(child)) yield* walkChildren(tree, child.path, enter);
  }
}
