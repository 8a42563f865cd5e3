import type { FileEntry, FileTree, TreePath } from '../../content/index.ts';
import type { Change } from '../../layer/index.ts';

/** A `put` change, as the layer writer takes it. */
export type Put = Extract<Change, { kind: 'put' }>;

/**
 * How the objects of one source are copied. All copies of a source share one rule, so that each of them takes little
 * memory: a context may have 100,000 files.
 */
export interface CopyRule {
  /** Where the bytes of copied files are. */
  readonly tree: FileTree;
  /** Computes the entry in the layer from the entry in the source. */
  createEntry(source: FileEntry, path: TreePath): FileEntry;
}

/** A copied object that is not a directory. Its entry is computed when it is needed. */
export interface Copied {
  readonly kind: 'copied';
  readonly source: FileEntry;
  readonly rule: CopyRule;
}

export function isOpaque(held: Put | Copied): boolean {
  return held.kind === 'put' && held.opaque === true;
}

/** Most objects have no inode, and then no entry is computed. */
export function inodeOf(held: Put | Copied, path: TreePath): string | undefined {
  if (held.kind === 'copied' && held.source.inode === undefined) return undefined;
  return toPut(held, path).entry.inode;
}

export function toPut(held: Put | Copied, path: TreePath): Put {
  if (held.kind === 'put') return held;
  const { source, rule } = held;
  const content =
    source.type === 'file' ? ({ kind: 'in-tree', tree: rule.tree, path: source.path } as const) : undefined;
  return { kind: 'put', entry: rule.createEntry(source, path), content };
}
