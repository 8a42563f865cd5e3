import { readOrUndefined } from '../errors.ts';
import {
  type Descriptor,
  type Digest,
  isIndexType,
  isManifestType,
  listNodes,
  NO_BOUNDS,
  parseConfig,
  readManifestGraph,
} from '../oci/index.ts';
import type { SmallBlobs } from './small-blobs.ts';

/** The content of images, as far as the store knows it. */
export interface Reached {
  /** Indexes, manifests (also attestations), configs and layers, whether or not the store has them. */
  readonly blobs: ReadonlySet<Digest>;
  /** The diffIds of each manifest's config, lowest first. */
  readonly stacks: readonly (readonly Digest[])[];
}

/** All content of the targets. Missing or damaged content is a leaf, because it cannot be followed. */
export function reachedFrom(targets: readonly Descriptor[], store: SmallBlobs): Reached {
  const read = (target: Descriptor) => documentAt(store, target);
  const options = { bounds: NO_BOUNDS, lenient: true };
  const nodes = targets.flatMap((target) => listNodes(readManifestGraph(target, read, options)));
  const manifests = nodes.flatMap((node) => (node.kind === 'manifest' ? [node.manifest] : []));
  const blobs = [
    ...nodes.map(({ descriptor }) => descriptor),
    ...manifests.flatMap(({ config, layers }) => [config, ...layers]),
  ];
  return {
    blobs: new Set(blobs.map(({ digest }) => digest)),
    stacks: manifests.map(
      ({ config }) => readOrUndefined(() => parseConfig(store.readSmall(config)).rootfs.diff_ids) ?? [],
    ),
  };
}

function documentAt(store: SmallBlobs, descriptor: Descriptor): Uint8Array | undefined {
  if (!isIndexType(descriptor.mediaType) && !isManifestType(descriptor.mediaType)) return undefined;
  return readOrUndefined(() => store.readSmall(descriptor));
}
