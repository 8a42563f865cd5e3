import type { FileEntry, FileTree, TreePath } from './tree.ts';

/**
 * Yields the object at a path (if it exists) and everything below it: directories before their content, sorted by name. Follows no
 * symlinks. If `enter` returns false, the directory itself is yielded, but not its content.
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
