import { isMkimageError } from '../../errors.ts';
import { type ChainId, chainIdOf, type Digest, EMPTY_CHAIN, parseConfig, parseManifest } from '../../oci/index.ts';
import { platformsOf, type Store, type StoredImage } from '../../store/index.ts';

export interface LiveLayers {
  /** Blobs that the images reach: indexes, manifests, configs, layers. */
  readonly blobs: ReadonlySet<Digest>;
  readonly diffIds: ReadonlySet<Digest>;
  /** Every chain that an image goes through from its lowest layer up. */
  readonly chains: ReadonlySet<ChainId>;
}

/** What images are made of, as far as it is in the store. */
export function liveLayers(store: Pick<Store, 'readSmall'>, images: readonly StoredImage[]): LiveLayers {
  const targets = images.map(({ target }) => target);
  const descriptors = targets.flatMap((target) => orNone(() => platformsOf(store, target)));
  const manifests = descriptors.flatMap((descriptor) =>
    orNone(() => [parseManifest(store.readSmall(descriptor), descriptor)]),
  );
  const stacks = manifests.flatMap(({ config }) =>
    orNone(() => [parseConfig(store.readSmall(config)).rootfs.diff_ids]),
  );
  const parts = manifests.flatMap(({ config, layers }) => [config, ...layers]);
  return {
    blobs: new Set([...targets, ...descriptors, ...parts].map(({ digest }) => digest)),
    diffIds: new Set(stacks.flat()),
    chains: new Set(stacks.flatMap(chainsOf)),
  };
}

function chainsOf(diffIds: readonly Digest[]): readonly ChainId[] {
  let chain = EMPTY_CHAIN;
  return diffIds.map((diffId) => {
    chain = chainIdOf(chain, diffId);
    return chain;
  });
}

function orNone<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (isMkimageError(error)) return [];
    throw error;
  }
}
