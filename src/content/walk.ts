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
  const open = start.type === 'directory' && enter(start) ? [tree.list(path)[Symbol.iterator]()] : [];
  for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
    const { value: entry, done } = inside.next();
    if (done === true) {
      open.pop();
      continue;
    }
    yield entry;
    if (entry.type === 'directory' && enter(entry)) open.push(tree.list(entry.path)[Symbol.iterator]());
  }
}
