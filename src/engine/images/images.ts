import { compileGoPattern, type GoPattern } from '../../context/index.ts';
import { type Digest, familiarRepository, type Platform, parseReference } from '../../oci/index.ts';
import { type ImageStoreServices, imageSize, type ListedImage, listedImages } from './stored-images.ts';

export interface ImagesRequest {
  /** `app`, `app:1`, `team/*`: only images with such names; `*` and `?` stop at a slash. */
  readonly filter?: string | undefined;
  /** Only images without (true) or with (false) a name. */
  readonly dangling?: boolean | undefined;
}

/** A line of `mkimage images`. */
export interface ImageSummary {
  /** As people write it; undefined: dangling (Docker shows `<none>`). */
  readonly repository: string | undefined;
  /** undefined: none, or known by digest only. */
  readonly tag: string | undefined;
  /** Of the manifest or index. */
  readonly digest: Digest;
  /** The image ID: the digest of the config. */
  readonly id: Digest;
  /** RFC 3339; undefined if the image does not say. */
  readonly created: string | undefined;
  /** Bytes of the layers. */
  readonly size: number;
  /** undefined: no content of it is in the store. */
  readonly platform: Platform | undefined;
}

/** The images of the store, newest first. */
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

/** Stars and question marks; neither takes a slash. */
function patternOf(filter: string): GoPattern {
  return compileGoPattern(filter.replace(/[[\]\\]/g, '\\$&'));
}

function timeOf({ created }: ImageSummary): number {
  return created === undefined ? 0 : Date.parse(created) || 0;
}
