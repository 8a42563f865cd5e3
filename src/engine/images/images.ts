import type { ImageSummary, ImagesRequest } from '../../api/index.ts';
import { compileGoPattern, type GoPattern } from '../../context/index.ts';
import { familiarRepository, type Platform, parseReference } from '../../oci/index.ts';
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

function summaryOf({ store }: ImageStoreServices, { name, target, id, image }: ListedImage): ImageSummary {
  const reference = name === undefined ? undefined : parseReference(name);
  return {
    repository: reference && familiarRepository(reference),
    tag: reference?.tag,
    digest: target.digest,
    id,
    created: image?.config.created,
    size: imageSize(store, image),
    platform: image && platformOf(image.config),
  };
}

function platformOf({ os, architecture, variant }: Platform): Platform {
  return { os, architecture, ...(variant !== undefined && { variant }) };
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
