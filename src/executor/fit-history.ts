import type { HistoryEntry } from '../oci/index.ts';

/** The same comment that BuildKit writes, so that tools which read histories recognize the entry. */
const COMMENT = 'buildkit.exporter.image.v0';

/**
 * Makes the history of a base fit its layers, because Docker requires one entry for each layer when it loads an image.
 * Missing entries are added at the end; entries for which no layer is left become empty layers. `created` is the time
 * of the base (RFC 3339).
 */
export function fitHistory(
  history: readonly HistoryEntry[],
  layers: number,
  created: string | undefined,
): readonly HistoryEntry[] {
  let left = layers;
  const fitted = history.map((entry) => {
    if (entry.empty_layer === true || left-- > 0) return entry;
    return { ...entry, empty_layer: true };
  });
  const time = created === undefined ? {} : { created };
  const missing = Array.from({ length: Math.max(left, 0) }, () => ({
    ...time,
    created_by: 'a layer of the base, which does not say how it was made',
    comment: COMMENT,
  }));
  return [...fitted, ...missing];
}
