import type { HistoryEntry } from '../oci/index.ts';

/** As BuildKit marks what it adds, so that who reads histories knows it for that. */
const COMMENT = 'buildkit.exporter.image.v0';

/**
 * A base's history with one entry for each of its layers, as Docker demands of what it loads: what is missing is added after
 * it, and what no layer is left for counts as empty. `created` is when the base was made (RFC 3339).
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
