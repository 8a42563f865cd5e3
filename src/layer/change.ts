import type { FileEntry, FileInTree, FileLocation, TreePath } from '../content/index.ts';

/**
 * One change of a root filesystem. `put` adds or replaces one object (for a directory only its metadata). `opaque` on a directory hides
 * its content in lower layers. `delete` becomes a whiteout. Changes are sorted, parents before children.
 */
export type Change =
  | {
      readonly kind: 'put';
      readonly entry: FileEntry;
      readonly opaque?: boolean;
      /** Where a file's bytes are; absent for everything else and for the second and later links of one inode. */
      readonly content?: FileLocation | FileInTree | undefined;
    }
  | { readonly kind: 'delete'; readonly path: TreePath };
