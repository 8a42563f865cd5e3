import type { ImageSummary, ImagesRequest, PlatformSummary } from '../../api/index.ts';
import { compileGoPattern, type GoPattern } from '../../context/index.ts';
import { type Descriptor, formatFamiliarRepository, isIndexType, parseReference } from '../../oci/index.ts';
import { listPlatforms, toPlatform } from './platforms.ts';
import { type ImageStoreServices, imageSize, type ListedImage, listedImages } from './stored-images.ts';

/** Returns the images of the store, newest first. */
export async function listImages(
  services: ImageStoreServices,
  request: ImagesRequest,
): Promise<readonly ImageSummary[]> {
  return listedImages(services)
    .map((listed) => summaryOf(services, listed))
    .filter((summary) => isWanted(summary, request))
    .sort((a, b) => timeOf(b) - timeOf(a));
}

function summaryOf(services: ImageStoreServices, { name, target, id, image }: ListedImage): ImageSummary {
  const { store } = services;
  const reference = name === undefined ? undefined : parseReference(name);
  return {
    repository: reference && formatFamiliarRepository(reference),
    tag: reference?.tag,
    digest: target.digest,
    id,
    created: image?.config.created,
    size: imageSize(store, image),
    platform: image && toPlatform(image.config),
    platforms: isIndexType(target.mediaType) ? summarizePlatforms(services, target) : [],
  };
}

function summarizePlatforms({ store, config }: ImageStoreServices, target: Descriptor): readonly PlatformSummary[] {
  return listPlatforms(store, target, config.platform).map(({ platform, descriptor, image }) => ({
    platform,
    digest: descriptor.digest,
    size: image && imageSize(store, image),
  }));
}

function isWanted({ repository, tag }: ImageSummary, { filter, dangling }: ImagesRequest): boolean {
  if (dangling !== undefined && dangling !== (repository === undefined)) return false;
  if (filter === undefined) return true;
  if (repository === undefined) return false;
  const pattern = patternOf(filter);
  return pattern.matches(repository) || pattern.matches(`${repository}:${tag}`);
}

/** Compiles `*` and `?`; neither matches a slash. */
function patternOf(filter: string): GoPattern {
  return compileGoPattern(filter.replace(/[[\]\\]/g, '\\$&'));
}

function timeOf({ created }: ImageSummary): number {
  return created === undefined ? 0 : Date.parse(created) || 0;
}
