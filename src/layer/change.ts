import type { FileEntry, FileInTree, FileLocation, TreePath } from '../content/index.ts';

/**
 * One difference between a root and what was made of it. `put` adds or replaces one object (a directory is only its
 * metadata); `opaque` on a directory hides all that the layers below have in it; `delete` becomes a whiteout.
 * Changes come sorted, parents before children.
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
