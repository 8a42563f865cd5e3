/**
 * Turns files of a context or a stage into layers. Base stages, source views and the initial content of mounts use
 * them.
 */
import { nameOf, resolveInTree } from '../../content/index.ts';
import type { Layer } from '../../oci/index.ts';
import type { FileSource } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import { type Chain, chainOf } from '../chain.ts';
import { sealNonEmpty } from '../seal.ts';
import type { ContextAccess, LayerOutput } from '../services.ts';
import { missingSource } from '../sources/missing-source.ts';
import type { SourceTrees } from '../sources/source-trees.ts';
import { copyItem } from './copy.ts';
import { EMPTY_TREE } from './empty-tree.ts';
import { Staging } from './staging.ts';

export interface LayerCopying {
  readonly services: LayerOutput & Pick<ContextAccess, 'describeMissing'>;
  readonly sources: Pick<SourceTrees, 'tree'>;
  readonly call: Call;
}

/**
 * Returns one layer with the files at `path`, placed at `destination` in an empty root. Returns no layer if there are
 * no files. Throws `source-missing`.
 */
export async function copiedLayers(
  { services, sources, call }: LayerCopying,
  { from, path, destination }: { readonly from: FileSource; readonly path: string; readonly destination: string },
): Promise<readonly Layer[]> {
  const tree = await sources.tree(from, [path], call);
  const resolved = resolveInTree(tree, path);
  if (tree.stat(resolved) === undefined) throw await missingSource(services, tree, { from, path });
  const staging = new Staging(EMPTY_TREE);
  const target = { staging, destination, owner: undefined, chmod: undefined, now: 0 };
  copyItem(target, { tree, path: resolved, name: nameOf(resolved), label: 'source' });
  const layer = await sealNonEmpty({ services, epoch: undefined, call }, staging.changes());
  return layer ? [layer] : [];
}

/** Turns a named context that is a directory into the base of a stage. */
export async function contextChain(copying: LayerCopying, context: string): Promise<Chain> {
  return chainOf(await copiedLayers(copying, { from: { kind: 'context', context }, path: '', destination: '/' }));
}
