import { isMkimageError, MkimageError } from '../../errors.ts';
import { familiarName, parseReference, type ResolvedImage } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { fetchLayers, type LayerServices } from './fetch-layers.ts';

/**
 * Fetches what the store does not have of an image's layers: also an image that it knows may have lost some to damage. Throws
 * `not-found` if they are not to be had any more.
 */
export async function ensureLayers(services: LayerServices, image: ResolvedImage, call: Call): Promise<void> {
  try {
    await fetchLayers(services, image, `pull/${image.reference}`, call);
  } catch (error) {
    if (isMkimageError(error, 'cancelled')) throw error;
    throw lostLayers(image, error);
  }
}

function lostLayers({ reference }: ResolvedImage, cause: unknown): MkimageError {
  const parsed = parseReference(reference);
  const isNamed = !parsed.registry.endsWith('.invalid');
  const name = isNamed ? `\`${familiarName(parsed)}\`` : 'the base';
  return new MkimageError('not-found', `read image: a layer of ${name} is not in the store, and cannot be fetched`, {
    cause,
    hint: isNamed ? `build, load or pull ${name} again` : 'run the build again',
  });
}
