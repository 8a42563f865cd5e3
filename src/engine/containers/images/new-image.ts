import type { NewImageResult } from '../../../api/index.ts';
import { type Change, LayerWriter } from '../../../layer/index.ts';
import { buildManifest, type ImageConfig, type Layer, MEDIA_TYPE, normalizeName } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import { nameImage } from '../../images/index.ts';
import type { Services } from '../../services.ts';

/** Writes changes as a layer into the store; undefined if there are none. */
export async function storeLayer(
  { store, catalog }: Services,
  changes: Iterable<Change>,
  call: Call,
): Promise<Layer | undefined> {
  await using writer = new LayerWriter(store);
  let count = 0;
  const passOn = function* () {
    for (const change of changes) {
      count++;
      yield change;
    }
  };
  await writer.addAll(passOn(), call);
  if (count === 0) return undefined;
  const { layer, index } = await writer.finish();
  catalog.remember(layer, index);
  return layer;
}

/** Stores an image of layers that are in the store, and gives it a name. */
export async function storeImage(
  { store }: Services,
  { config, layers }: { readonly config: ImageConfig; readonly layers: readonly Layer[] },
  reference: string | undefined,
): Promise<NewImageResult> {
  const stored = store.putSmall(MEDIA_TYPE.config, JSON.stringify(config));
  const { descriptor, bytes } = buildManifest({ config: stored, layers: layers.map(({ blob }) => blob) });
  const manifest = store.putSmall(descriptor.mediaType, bytes);
  await nameImage(store, reference === undefined || reference === '' ? [] : [normalizeName(reference)], manifest);
  return { id: stored.digest };
}
