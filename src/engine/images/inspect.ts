import type { ImageDetails, InspectRequest } from '../../api/index.ts';
import { familiarRepository, parseReference } from '../../oci/index.ts';
import {
  type FoundImage,
  familiarNames,
  findImage,
  type ImageStoreServices,
  imageOf,
  imageSize,
} from './stored-images.ts';

/** Returns the details of images, in the order of the request. Throws `not-found`. */
export async function inspectImages(
  services: ImageStoreServices,
  request: InspectRequest,
): Promise<readonly ImageDetails[]> {
  return request.images.map((text) => detailsOf(services, findImage(services, text)));
}

function detailsOf({ store }: ImageStoreServices, found: FoundImage): ImageDetails {
  const image = imageOf(found);
  const { config } = image;
  return {
    Id: found.id,
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
    name === undefined ? [] : [`${familiarRepository(parseReference(name))}@${target.digest}`],
  );
  return [...new Set(digests)];
}
