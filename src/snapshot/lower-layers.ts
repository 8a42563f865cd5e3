/** Selects the layers of a chain that must be unpacked to get the content of the whole chain. */
import { type ChainId, chainIdOf, digestOf, EMPTY_CHAIN, type Layer } from '../oci/index.ts';

/** A layer, and the chain of which it is the top layer. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly chain: ChainId;
}

/**
 * Returns the layers, lowest first, each with its chain. Of equal layers it returns only the topmost, because that one covers and
 * hides everything that the others contain and hide.
 */
export function listPlacedLayers(layers: readonly Layer[]): readonly PlacedLayer[] {
  let chain = EMPTY_CHAIN;
  const placed = layers.map((layer) => {
    chain = chainIdOf(chain, layer.diffId);
    return { layer, chain };
  });
  const topmost = new Map(placed.map((each, height) => [each.layer.diffId, height]));
  return placed.filter(({ layer }, height) => topmost.get(layer.diffId) === height);
}

/** overlayfs accepts at most 500 directories, and their names must fit into one page. */
const MOST_LOWERS = 450;
/** Merges this many layers more than necessary, so that the following steps need not merge again. */
const MERGE_STEP = 100;

/** Returns how many of the lowest layers must be merged into one directory, so that overlayfs accepts the rest. */
export function countToMerge(count: number): number {
  if (count <= MOST_LOWERS) return 0;
  return Math.ceil((count - MOST_LOWERS) / MERGE_STEP) * MERGE_STEP;
}

/** Returns the name of the merged directory of these layers. It differs from all chainIds. */
export function nameMergedLayers(placed: readonly PlacedLayer[]): ChainId {
  return digestOf(['merged', ...placed.map(({ layer }) => layer.diffId)].join('\n'));
}
