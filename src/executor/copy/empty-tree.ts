import type { FileEntry, FileTree } from '../../content/index.ts';

/** An empty root: the base of `FROM scratch` and `--link`. */
export const EMPTY_TREE: FileTree = {
  stat: (path) => (path === '' ? ROOT : undefined),
  list: () => [],
  locate: (path) => {
    throw new Error(`the empty tree has no ${path}`);
  },
  digest: (path) => {
    throw new Error(`the empty tree has no ${path}`);
  },
};

const ROOT: FileEntry = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
