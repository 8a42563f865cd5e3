/** Which layers of a chain have to be there, unpacked, for what the whole chain shows. */
import { type ChainId, chainIdOf, digestOf, EMPTY_CHAIN, type Layer } from '../oci/index.ts';

/** A layer, and the chain that it is the top of. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly chain: ChainId;
}

/**
 * The layers, lowest first, each with its chain. Of equal ones only the topmost: whatever it has lies over what the others
 * have, and whatever they hide it hides too.
 */
export function placedLayers(layers: readonly Layer[]): readonly PlacedLayer[] {
  let chain = EMPTY_CHAIN;
  const placed = layers.map((layer) => {
    chain = chainIdOf(chain, layer.diffId);
    return { layer, chain };
  });
  const topmost = new Map(placed.map((each, height) => [each.layer.diffId, height]));
  return placed.filter(({ layer }, height) => topmost.get(layer.diffId) === height);
}

/** overlayfs stacks at most 500 directories, and their names have to fit in a page. */
const MOST_LOWERS = 450;
/** So that not every further step merges anew. */
const MERGE_STEP = 100;

/** How many of the lowest layers have to become one directory, so that no more than overlayfs takes are left. */
export function countToMerge(count: number): number {
  if (count <= MOST_LOWERS) return 0;
  return Math.ceil((count - MOST_LOWERS) / MERGE_STEP) * MERGE_STEP;
}

/** What these layers are called as one directory; never the name of a chain. */
export function mergedName(placed: readonly PlacedLayer[]): ChainId {
  return digestOf(['merged', ...placed.map(({ layer }) => layer.diffId)].join('\n'));
}
