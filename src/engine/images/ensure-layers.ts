import { isMkimageError, MkimageError } from '../../errors.ts';
import { formatFamiliarName, parseReference, type ResolvedImage } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { fetchLayers, type LayerServices } from './fetch-layers.ts';

/**
 * Fetches the layers of an image that are not in the store, also layers lost by damage. Throws `not-found` if a layer
 * is not available any more.
 */
export async function ensureLayers(services: LayerServices, image: ResolvedImage, call: Call): Promise<void> {
  try {
    await fetchLayers(services, { image, step: `pull/${image.reference}` }, call);
  } catch (error) {
    if (isMkimageError(error, 'cancelled')) throw error;
    throw lostLayers(image, error);
  }
}

function lostLayers({ reference }: ResolvedImage, cause: unknown): MkimageError {
  const parsed = parseReference(reference);
  const isNamed = !parsed.registry.endsWith('.invalid');
  const name = isNamed ? `\`${formatFamiliarName(parsed)}\`` : 'the base';
  return new MkimageError('not-found', `read image: a layer of ${name} is not in the store and cannot be fetched`, {
    cause,
    hint: isNamed ? `build, load or pull ${name} again` : 'run the build again',
  });
}
