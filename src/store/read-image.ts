import { MkimageError } from '../errors.ts';
import {
  type Descriptor,
  formatPlatform,
  type ImageConfig,
  isIndexType,
  isReferrer,
  type Layer,
  layersOf,
  listGraphImages,
  type Manifest,
  matchPlatform,
  type Platform,
  parseConfig,
  parseManifest,
  readManifestGraph,
} from '../oci/index.ts';
import type { SmallBlobs } from './small-blobs.ts';

/** One image for one platform, read and checked. */
export interface ImageManifest {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** Lowest first. Their blobs may be missing from the store. */
  readonly layers: readonly Layer[];
}

/**
 * Reads the image of a target; from an index the image for `wanted`. Throws `not-found` if the index has none or its blobs are
 * missing, `integrity`, `invalid-archive`.
 */
export function readImage(store: SmallBlobs, target: Descriptor, wanted: Platform): ImageManifest {
  const descriptor = isIndexType(target.mediaType) ? manifestFor(store, target, wanted) : target;
  const manifest = parseManifest(store.readSmall(descriptor), descriptor);
  const config = parseConfig(store.readSmall(manifest.config));
  return { descriptor, manifest, config, layers: layersOf(manifest, config) };
}

/** The manifests of a target, with their platforms if known; without attestations. */
export function platformsOf(store: SmallBlobs, target: Descriptor): readonly Descriptor[] {
  const graph = readManifestGraph(target, (descriptor) =>
    isIndexType(descriptor.mediaType) && !isReferrer(descriptor) ? store.readSmall(descriptor) : undefined,
  );
  return listGraphImages(graph);
}

function manifestFor(store: SmallBlobs, target: Descriptor, wanted: Platform): Descriptor {
  const manifests = platformsOf(store, target);
  const found = matchPlatform(manifests, wanted);
  if (found !== undefined) return found;
  const there = manifests.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)]));
  throw new MkimageError('not-found', `read image: it has no manifest for ${formatPlatform(wanted)}`, {
    hint: there.length === 0 ? 'the index is empty' : `it has ${there.join(', ')}`,
  });
}
