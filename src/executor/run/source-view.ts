/** Files of a context or a stage as layers that a snapshotter can show, or as a filled directory. */
import { resolveInTree } from '../../content/index.ts';
import type { Layer } from '../../oci/index.ts';
import type { FileSource } from '../../plan/index.ts';
import { toFsName } from '../../tar/index.ts';
import { copiedLayers, type LayerCopying } from '../copy/index.ts';
import type { LayerBytes } from '../services.ts';
import type { SourceTrees } from '../sources/source-trees.ts';

/** What a snapshotter can show of a source. */
export interface SourceView {
  readonly layers: readonly Layer[];
  /** Where in it the path is. */
  readonly path: string;
}

/** The layers of a stage or image; of a context, one layer that holds what is at the path, which may lead through symlinks. */
export async function sourceView(
  run: LayerCopying & { readonly sources: SourceTrees },
  from: FileSource,
  path: string,
): Promise<SourceView> {
  const source = await run.sources.open(from);
  if (source.kind === 'context') {
    const resolved = resolveInTree(await run.sources.tree(from, [path], run.call), path);
    // The programs that mount it take no names but UTF-8.
    const place = toFsName(resolved) === resolved ? resolved : 'source';
    return { layers: await copiedLayers(run, { from, path, destination: `/${place}` }), path: place };
  }
  await source.ready();
  return { layers: source.chain.layers, path };
}

/** Copies what is at the path into a fresh directory: the first content of a cache mount. */
export async function fillDirectory(
  run: LayerCopying & { readonly services: Pick<LayerBytes, 'unpack'> },
  { from, path }: { readonly from: FileSource; readonly path: string },
  directory: string,
): Promise<void> {
  for (const layer of await copiedLayers(run, { from, path, destination: '/' })) {
    await run.services.unpack(layer, directory, run.call);
  }
}
