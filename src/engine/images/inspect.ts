import type { ImageDetails, InspectRequest } from '../../api/index.ts';
import { formatFamiliarRepository, parseReference } from '../../oci/index.ts';
import type { ImageManifest } from '../../store/index.ts';
import { readPlatform } from './platforms.ts';
import { type FoundImage, familiarNames, findImage, type ImageStoreServices, imageSize } from './stored-images.ts';

/** Returns the details of images, in the order of the request. Throws `not-found`. */
export async function inspectImages(
  services: ImageStoreServices,
  request: InspectRequest,
): Promise<readonly ImageDetails[]> {
  return request.images.map((text) => {
    const found = findImage(services, text);
    return detailsOf(services, found, readPlatform(services, { found, text, platform: request.platform }));
  });
}

function detailsOf({ store }: ImageStoreServices, found: FoundImage, image: ImageManifest): ImageDetails {
  const { config } = image;
  return {
    Id: image.manifest.config.digest,
    RepoTags: familiarNames(found.entries).filter((name) => !name.includes('@')),
    RepoDigests: digestsOf(found),
    Comment: config.history.at(-1)?.comment ?? '',
    Created: config.created ?? '',
    Author: config.author ?? '',
    Config: config.config,
    Architecture: config.architecture,
    ...(config.variant !== undefined && { Variant: config.variant }),
    Os: config.os,
    ...(config['os.version'] !== undefined && { OsVersion: config['os.version'] }),
    Size: imageSize(store, image),
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Descriptor: found.entries[0].target,
  };
}

function digestsOf({ entries }: FoundImage): readonly string[] {
  const digests = entries.flatMap(({ name, target }) =>
    name === undefined ? [] : [`${formatFamiliarRepository(parseReference(name))}@${target.digest}`],
  );
  return [...new Set(digests)];
}
