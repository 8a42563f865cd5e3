/** Saves the finished image in the store: config and manifest as blobs, and names that point at it. */
import type { StageResult } from '../../executor/index.ts';
import { buildManifest, type Descriptor, type Digest, MEDIA_TYPE } from '../../oci/index.ts';
import type { Store } from '../../store/index.ts';

export interface SavedImage {
  readonly config: Descriptor;
  readonly manifest: Descriptor;
}

/** Writes config and manifest. Equal results give equal bytes, so a cached build writes nothing. */
export function saveImage(store: Store, built: StageResult): SavedImage {
  const config = store.putSmall(MEDIA_TYPE.config, JSON.stringify(built.config));
  const { descriptor, bytes } = buildManifest({ config, layers: built.chain.layers.map(({ blob }) => blob) });
  return { config, manifest: store.putSmall(descriptor.mediaType, bytes) };
}

/** Points the names at the image; writes nothing if they already do. Without names the image is stored as dangling. */
export async function nameImage(store: Store, names: readonly string[], manifest: Descriptor): Promise<void> {
  const isNamed = (name: string): boolean => store.resolve(name)?.target.digest === manifest.digest;
  if (names.length > 0 ? names.every(isNamed) : isListed(store, manifest.digest)) return;
  await store.tag(names, manifest);
}

function isListed(store: Store, digest: Digest): boolean {
  return store.list().some((image) => image.target.digest === digest);
}
