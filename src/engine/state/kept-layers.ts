import type { Cache } from '../../cache/index.ts';
import type { Digest } from '../../oci/index.ts';

/** The layers that a cache may give back, by diffId and by blob: they outlive the images that were built of them. */
export function cachedLayers(cache: Pick<Cache, 'records'>): ReadonlySet<Digest> {
  const layers = [...cache.records()].flatMap(({ record }) => record.layer ?? []);
  return new Set(layers.flatMap(({ diffId, blob }) => [diffId, blob.digest]));
}
