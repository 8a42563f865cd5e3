import { ancestorsOf, type FileEntry } from '../../src/content/index.ts';
import { contentOfBytes, EntryTree } from '../../src/context/entry-tree.ts';
import type { BuildContext } from '../../src/context/index.ts';
import { nearestPaths } from '../../src/context/patterns/nearest-paths.ts';
import type { ContextFiles } from '../contract/context.ts';

const COMMON = { uid: 0, gid: 0, mtime: 0, size: 0 };

/** A context in memory. Kept honest by the contract suite. */
export function memoryContext(files: ContextFiles, name = 'memory'): BuildContext {
  const tree = new EntryTree(directory(''));
  for (const [path, file] of Object.entries(files)) {
    for (const parent of ancestorsOf(path)) if (tree.stat(parent) === undefined) tree.put(directory(parent), undefined);
    if (typeof file === 'string') {
      const bytes = Buffer.from(file);
      tree.put({ ...COMMON, path, type: 'file', mode: 0o644, size: bytes.length }, contentOfBytes(bytes));
    } else tree.put({ ...COMMON, path, type: 'symlink', mode: 0o777, linkname: file.symlink }, undefined);
  }
  return {
    name,
    scan: async () => tree,
    ignoredBy: () => undefined,
    similar: (path) => nearestPaths(tree.paths(), path),
    save: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

function directory(path: string): FileEntry {
  return { ...COMMON, path, type: 'directory', mode: 0o755 };
}
