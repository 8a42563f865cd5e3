/** Files of a context or a stage as layers that a snapshotter can show, or as a filled directory. */
import { nameOf, resolveInTree } from '../../content/index.ts';
import type { Layer } from '../../oci/index.ts';
import type { FileSource } from '../../plan/index.ts';
import { fsName } from '../../tar/index.ts';
import { type Chain, chainOf } from '../chain.ts';
import { copyItem } from '../copy/copy.ts';
import { EMPTY_TREE, Staging } from '../copy/staging.ts';
import { type Sealing, sealNonEmpty } from '../seal.ts';
import type { ExecutorServices } from '../services.ts';
import type { SourceTrees } from '../source-trees.ts';
import { missingSource } from '../sources/missing-source.ts';

export interface SourceRun extends Omit<Sealing, 'services' | 'epoch'> {
  readonly services: ExecutorServices;
  readonly sources: SourceTrees;
}

/** What a snapshotter can show of a source. */
export interface SourceView {
  readonly layers: readonly Layer[];
  /** Where in it the path is. */
  readonly path: string;
}

/** The layers of a stage or image; of a context, one layer that holds what is at the path, which may lead through symlinks. */
export async function sourceView(run: SourceRun, from: FileSource, path: string): Promise<SourceView> {
  const source = await run.sources.open(from);
  if (source.kind === 'context') {
    const resolved = resolveInTree(await run.sources.tree(from, [path], run.call), path);
    // The programs that mount it take no names but UTF-8.
    const place = fsName(resolved) === resolved ? resolved : 'source';
    return { layers: await copiedLayers(run, from, path, `/${place}`), path: place };
  }
  await source.ready();
  return { layers: source.chain.layers, path };
}

/** A named context that is a directory, used as the base of a stage. */
export async function contextChain(run: SourceRun, context: string): Promise<Chain> {
  return chainOf(await copiedLayers(run, { kind: 'context', context }, '', '/'));
}

/** Copies what is at the path into a fresh directory: the first content of a cache mount. */
export async function fillDirectory(run: SourceRun, from: FileSource, path: string, directory: string): Promise<void> {
  for (const layer of await copiedLayers(run, from, path, '/')) await run.services.unpack(layer, directory, run.call);
}

async function copiedLayers(
  run: SourceRun,
  from: FileSource,
  path: string,
  destination: string,
): Promise<readonly Layer[]> {
  const tree = await run.sources.tree(from, [path], run.call);
  const resolved = resolveInTree(tree, path);
  if (tree.stat(resolved) === undefined) throw await missingSource(run.services, from, tree, path);
  const staging = new Staging(EMPTY_TREE);
  const target = { staging, destination, owner: undefined, chmod: undefined, now: 0 };
  copyItem(target, { tree, path: resolved, name: nameOf(resolved), label: 'source' });
  const layer = await sealNonEmpty({ services: run.services, epoch: undefined, call: run.call }, staging.changes());
  return layer ? [layer] : [];
}
