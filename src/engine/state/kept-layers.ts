import type { Cache } from '../../cache/index.ts';
import type { Digest } from '../../oci/index.ts';

/**
 * Returns the layers that a cache hit may use, by diffId and by blob. They are kept longer than the images made of
 * them.
 */
export function cachedLayers(cache: Pick<Cache, 'records'>): ReadonlySet<Digest> {
  const layers = [...cache.records()].flatMap(({ record }) => record.layer ?? []);
  return new Set(layers.flatMap(({ diffId, blob }) => [diffId, blob.digest]));
}
