/** Saves the finished image in the store: configs, manifests and index as blobs, and names that point at it. */
import type { StageResult } from '../../executor/index.ts';
import { buildIndex, buildManifest, type Descriptor, type Digest, MEDIA_TYPE, type Platform } from '../../oci/index.ts';
import type { Store } from '../../store/index.ts';

/** The image of one platform. */
export interface SavedPlatform {
  readonly platform: Platform;
  readonly built: StageResult;
  readonly config: Descriptor;
  readonly manifest: Descriptor;
}

export interface SavedImage {
  readonly images: readonly [SavedPlatform, ...SavedPlatform[]];
  readonly isIndex: boolean;
  /** The index, or the only manifest. */
  readonly target: Descriptor;
}

interface SavedAs {
  /** In the order of the results. */
  readonly platforms: readonly Platform[];
  readonly isIndex: boolean;
}

/** Writes everything but names. Equal results give equal bytes, so a cached build writes nothing. */
export function saveImage(store: Store, built: readonly StageResult[], { platforms, isIndex }: SavedAs): SavedImage {
  const [first, ...others] = built.map((each, at) => savePlatform(store, each, platforms[at]!));
  const images = [first!, ...others] as const;
  if (!isIndex) return { images, isIndex, target: first!.manifest };
  const manifests = images.map(({ manifest, platform }) => ({ ...manifest, platform }));
  const { descriptor, bytes } = buildIndex({ manifests });
  return { images, isIndex, target: store.putSmall(descriptor.mediaType, bytes) };
}

function savePlatform(store: Store, built: StageResult, platform: Platform): SavedPlatform {
  const config = store.putSmall(MEDIA_TYPE.config, JSON.stringify(built.config));
  const { descriptor, bytes } = buildManifest({ config, layers: built.chain.layers.map(({ blob }) => blob) });
  const own = findOwnPlatform(built.config, platform);
  return { platform: own, built, config, manifest: store.putSmall(descriptor.mediaType, bytes) };
}

/** Without a request, an image has the platform of its base, which can be another one than that of the machine. */
function findOwnPlatform({ os, architecture, variant }: Platform, planned: Platform): Platform {
  if (os === planned.os && architecture === planned.architecture) return planned;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** Points the names at the image; writes nothing if they already do. Without names the image is stored as dangling. */
export async function nameImage(store: Store, names: readonly string[], target: Descriptor): Promise<void> {
  const isNamed = (name: string): boolean => store.resolve(name)?.target.digest === target.digest;
  if (names.length > 0 ? names.every(isNamed) : isListed(store, target.digest)) return;
  await store.tag(names, target);
}

function isListed(store: Store, digest: Digest): boolean {
  return store.list().some((image) => image.target.digest === digest);
}
