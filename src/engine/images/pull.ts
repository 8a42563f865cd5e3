import type { PullRequest, PullResult } from '../../api/index.ts';
import { completePlatform, formatFamiliarName, type Platform, parseReference } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { fetchLayers, type LayerServices } from './fetch-layers.ts';
import { lookUpImage } from './resolve-image.ts';

export interface PullServices extends LayerServices {
  readonly config: { readonly platform: Platform };
}

const STEP = 'pull/0';

/**
 * Fetches a complete image into the store and then points its normalized name at it. Stored blobs are not fetched
 * again. Throws as `resolveImage`, and `integrity` for a layer with wrong content.
 */
export async function pullImage(
  services: PullServices,
  { image, platform: wanted = {} }: PullRequest,
  call: Call,
): Promise<PullResult> {
  const name = `pull ${formatFamiliarName(parseReference(image))}`;
  const platform = completePlatform(wanted, services.config.platform);
  await using _lease = await services.store.lease();
  call.report({ type: 'step-started', step: STEP, name });
  try {
    const found = await lookUpImage(services, { text: image, platform, pull: true }, call);
    await fetchLayers(services, { image: found.image, step: STEP }, call);
    await services.store.tag([found.name], found.target);
    call.report({ type: 'step-finished', step: STEP, digest: found.target.digest });
    return found.image;
  } catch (error) {
    call.report({ type: 'step-failed', step: STEP, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
