import { type FileTree, walkTree } from '../../src/content/index.ts';
import type { Change } from '../../src/layer/index.ts';

/** The changes that make an empty root into this tree, as the layer of a step has them. */
export async function changesOf(tree: FileTree): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const entry of walkTree(tree)) {
    if (entry.path === '') continue;
    const held = entry.type === 'file' ? { content: await tree.locate(entry.path) } : {};
    changes.push({ kind: 'put', entry, ...held });
  }
  return changes;
}
