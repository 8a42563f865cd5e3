/** Files of a context or a stage as layers that a snapshotter can show, or as a filled directory. */
import type { Layer } from '../oci/index.ts';
import type { FileSource } from '../plan/index.ts';
import { type Chain, chainOf } from './chain.ts';
import { copyItem } from './ops/copy.ts';
import { type Sealing, sealNonEmpty } from './seal.ts';
import type { ExecutorServices } from './services.ts';
import type { SourceTrees } from './source-trees.ts';
import { missingSource } from './sources/missing-source.ts';
import { EMPTY_TREE, Staging } from './staging.ts';

export interface SourceRun extends Omit<Sealing, 'services' | 'epoch'> {
  readonly services: ExecutorServices;
  readonly sources: SourceTrees;
}

/** The layers of a stage or image; of a context, one layer that holds what is at the path. */
export async function sourceLayers(run: SourceRun, from: FileSource, path: string): Promise<readonly Layer[]> {
  const source = await run.sources.open(from);
  if (source.kind === 'context') return copiedLayers(run, from, path, `/${path}`);
  await source.ready();
  return source.chain.layers;
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
  if (tree.stat(path) === undefined) throw await missingSource(run.services, from, tree, path);
  const staging = new Staging(EMPTY_TREE);
  const target = { staging, destination, owner: undefined, chmod: undefined, now: 0 };
  await copyItem(target, { tree, path, name: path.slice(path.lastIndexOf('/') + 1), label: 'source' });
  const layer = await sealNonEmpty({ services: run.services, epoch: undefined, call: run.call }, staging.changes());
  return layer ? [layer] : [];
}
