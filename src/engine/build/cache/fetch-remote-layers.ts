import type { BuildRequest } from '../../../api/index.ts';
import { workSideBySide } from '../../../content/index.ts';
import type { Layer } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';

/** BuildKit's limit of transfers from one registry. */
const TRANSFERS = 4;

/** Fetches those layers that are known from a cache but not in the store. undefined: there are none. */
export function fetchRemoteLayers(
  { remoteLayers }: Pick<Services, 'remoteLayers'>,
  layers: readonly Layer[],
  call: Call,
): Promise<void> | undefined {
  const missing = layers.filter((layer) => remoteLayers.has(layer));
  if (missing.length === 0) return undefined;
  const work = async (layer: Layer, bounded: Call) => remoteLayers.ensure(layer, bounded);
  return workSideBySide(missing, { atOnce: TRANSFERS, work }, call).then(() => {});
}

/** Returns false if the image is neither named nor written: then its layers are not read. */
export function isKept({ tags, outputs }: Pick<BuildRequest, 'tags' | 'outputs'>): boolean {
  return tags.length > 0 || outputs.length === 0 || outputs.some(({ type }) => type !== 'cacheonly');
}
