/** The images of an index, by platform. */
import { MkimageError, readOrUndefined } from '../../errors.ts';
import {
  buildIndex,
  completePlatform,
  type Descriptor,
  formatPlatform,
  normalizePlatform,
  type Platform,
  type WantedPlatform,
} from '../../oci/index.ts';
import { type ImageManifest, platformsOf, readImage, type Store } from '../../store/index.ts';
import { type FoundImage, type ImageStoreServices, imageOf } from './stored-images.ts';

/** One image of a name, and its content if it is in the store. */
export interface PlatformContent {
  readonly platform: Platform | undefined;
  readonly descriptor: Descriptor;
  readonly image: ImageManifest | undefined;
}

/** Returns the image of a manifest, or all images of an index. */
export function listPlatforms(store: Store, target: Descriptor, host: Platform): readonly PlatformContent[] {
  return (readOrUndefined(() => platformsOf(store, target)) ?? []).map((descriptor) => {
    const image = readOrUndefined(() => readImage(store, descriptor, host));
    const platform = descriptor.platform ?? (image && toPlatform(image.config));
    return { platform: platform && normalizePlatform(platform), descriptor, image };
  });
}

export function toPlatform({ os, architecture, variant }: Platform): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

interface Wanted {
  readonly target: Descriptor;
  /** For messages. */
  readonly name: string;
  readonly platform: WantedPlatform;
}

/** Returns the image for exactly this platform. Throws `not-found` with the available ones. */
export function requirePlatform(
  { store, config }: ImageStoreServices,
  { target, name, platform }: Wanted,
): PlatformContent {
  const wanted = formatPlatform(completePlatform(platform, config.platform));
  const images = listPlatforms(store, target, config.platform);
  const found = images.find((each) => each.platform !== undefined && formatPlatform(each.platform) === wanted);
  if (found !== undefined) return found;
  const available = images.flatMap((each) => (each.platform === undefined ? [] : [formatPlatform(each.platform)]));
  throw new MkimageError('not-found', `find image: \`${name}\` does not provide the platform ${wanted}`, {
    hint: available.length === 0 ? 'none of its content is in the store' : `it provides ${available.join(', ')}`,
  });
}

/** As `requirePlatform`, with the content. */
function requireImage(services: ImageStoreServices, wanted: Wanted): ImageManifest {
  const { image, descriptor } = requirePlatform(services, wanted);
  if (image !== undefined) return image;
  throw new MkimageError('not-found', `read image: no content of ${descriptor.digest} is in the store`, {
    hint: `pull it with \`--platform ${formatPlatform(descriptor.platform ?? services.config.platform)}\``,
  });
}

/** Returns what names shall point at if only these platforms are wanted: a manifest, or a smaller index in the store. */
export function selectPlatforms(
  services: ImageStoreServices,
  { platforms, ...image }: Omit<Wanted, 'platform'> & { readonly platforms: readonly WantedPlatform[] },
): Descriptor {
  if (platforms.length === 0) return image.target;
  const found = platforms.map((platform) => requirePlatform(services, { ...image, platform }).descriptor);
  const [first, ...others] = new Map(found.map((each) => [each.digest, each])).values();
  if (others.length === 0) return first!;
  const { descriptor, bytes } = buildIndex({ manifests: [first!, ...others] });
  return services.store.putSmall(descriptor.mediaType, bytes);
}

interface WantedImage {
  readonly found: FoundImage;
  /** The name or ID in the request. */
  readonly text: string;
  readonly platform: WantedPlatform | undefined;
}

/** Returns the image for one platform; without one as `imageOf`. Throws `not-found`. */
export function readPlatform(services: ImageStoreServices, { found, text, platform }: WantedImage): ImageManifest {
  if (platform === undefined) return imageOf(found);
  return requireImage(services, { target: found.entries[0].target, name: text, platform });
}
