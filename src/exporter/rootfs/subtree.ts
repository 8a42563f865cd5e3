import { type FileEntry, type FileTree, joinPath, resolveInTree, type TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';

/**
 * Returns a directory of a tree as a tree of its own. Follows links inside the tree. Throws `not-found` if it does not
 * exist, `usage` if it is not a directory.
 */
export function subtree(tree: FileTree, source: string): FileTree {
  const root = resolveInTree(tree, source);
  if (root === '') return tree;
  const entry = tree.stat(root);
  if (entry === undefined) throw new MkimageError('not-found', `export \`src=${source}\`: not found in the image`);
  if (entry.type !== 'directory') {
    throw new MkimageError('usage', `export \`src=${source}\`: it is a ${entry.type}, not a directory`, {
      hint: 'name the directory that contains it',
    });
  }
  return below(tree, root);
}

function below(tree: FileTree, root: TreePath): FileTree {
  const inside = (path: TreePath) => (path === '' ? root : joinPath(root, path));
  const renameEntry = (entry: FileEntry): FileEntry => ({ ...entry, path: entry.path.slice(root.length + 1) });
  return {
    stat: (path) => {
      const entry = tree.stat(inside(path));
      return entry && renameEntry(entry);
    },
    list: (path) => tree.list(inside(path)).map(renameEntry),
    locate: (path) => tree.locate(inside(path)),
    digest: (path) => tree.digest(inside(path)),
  };
}
