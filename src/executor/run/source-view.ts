/** Files of a context or a stage, as layers for a snapshotter or as a filled directory. */
import { resolveInTree } from '../../content/index.ts';
import type { Layer } from '../../oci/index.ts';
import type { FileSource } from '../../plan/index.ts';
import { toFsName } from '../../tar/index.ts';
import { copiedLayers, type LayerCopying } from '../copy/index.ts';
import type { LayerBytes } from '../services.ts';
import type { SourceTrees } from '../sources/source-trees.ts';

/** What a snapshotter needs to show a source. */
export interface SourceView {
  readonly layers: readonly Layer[];
  /** The path of the source in `chain`. */
  readonly path: string;
}

/**
 * Returns the layers of a stage or image. For a context, returns one layer with the files at the path, which may
 * contain symlinks.
 */
export async function sourceView(
  run: LayerCopying & { readonly sources: SourceTrees },
  from: FileSource,
  path: string,
): Promise<SourceView> {
  const source = await run.sources.open(from);
  if (source.kind === 'context') {
    const resolved = resolveInTree(await run.sources.tree(from, [path], run.call), path);
    // The programs that mount it accept only names in UTF-8.
    const place = toFsName(resolved) === resolved ? resolved : 'source';
    return { layers: await copiedLayers(run, { from, path, destination: `/${place}` }), path: place };
  }
  await source.ready();
  return { layers: source.chain.layers, path };
}

/** Copies the files at the path into an empty directory: the initial content of a cache mount. */
export async function fillDirectory(
  run: LayerCopying & { readonly services: Pick<LayerBytes, 'unpack'> },
  { from, path }: { readonly from: FileSource; readonly path: string },
  directory: string,
): Promise<void> {
  for (const layer of await copiedLayers(run, { from, path, destination: '/' })) {
    await run.services.unpack(layer, directory, run.call);
  }
}
