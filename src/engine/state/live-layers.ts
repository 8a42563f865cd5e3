import { type ChainId, chainIdOf, type Digest, EMPTY_CHAIN } from '../../oci/index.ts';
import { reachedFrom, type SmallBlobs, type StoredImage } from '../../store/index.ts';

export interface LiveLayers {
  /** Blobs reachable from images: indexes, manifests, configs, layers. */
  readonly blobs: ReadonlySet<Digest>;
  readonly diffIds: ReadonlySet<Digest>;
  /** Every chain of an image, from its lowest layer up. */
  readonly chains: ReadonlySet<ChainId>;
}

/** Returns the parts of images, as far as they are in the store. */
export function liveLayers(store: SmallBlobs, images: readonly StoredImage[]): LiveLayers {
  const { blobs, stacks } = reachedFrom(
    images.map(({ target }) => target),
    store,
  );
  return { blobs, diffIds: new Set(stacks.flat()), chains: new Set(stacks.flatMap(chainsOf)) };
}

function chainsOf(diffIds: readonly Digest[]): readonly ChainId[] {
  let chain = EMPTY_CHAIN;
  return diffIds.map((diffId) => {
    chain = chainIdOf(chain, diffId);
    return chain;
  });
}
