/** What is asked of images, and what is told of them. An image is named as people do: a name, an ID or the start of one. */
import type { ContainerConfig, Descriptor, Digest, Platform, ResolvedImage, WantedPlatform } from '../oci/index.ts';

export interface PullRequest {
  /** A name in any spelling. */
  readonly image: string;
  /** undefined: that of the machine. */
  readonly platform: WantedPlatform | undefined;
}

export type PullResult = ResolvedImage;

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

export interface InspectRequest {
  readonly images: readonly string[];
}

/** An image as `docker image inspect` shows it, in its words. */
export interface ImageDetails {
  readonly Id: Digest;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Comment: string;
  readonly Created: string;
  readonly Author: string;
  readonly Config: ContainerConfig;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly OsVersion?: string;
  /** Bytes of the layers. */
  readonly Size: number;
  readonly RootFS: { readonly Type: 'layers'; readonly Layers: readonly Digest[] };
  /** What the name points at: a manifest or an index. */
  readonly Descriptor: Descriptor;
}

export interface HistoryRequest {
  readonly image: string;
}

/** A line of `mkimage history`. */
export interface HistoryLine {
  /** The image ID on the newest line; undefined below it (Docker shows `<missing>`). */
  readonly id: Digest | undefined;
  readonly created: string | undefined;
  readonly createdBy: string;
  readonly comment: string;
  /** Bytes of the layer; 0 for a step that made none. */
  readonly size: number;
  readonly emptyLayer: boolean;
  /** On the newest line. */
  readonly names: readonly string[];
}

export interface TagRequest {
  /** A name, an ID or the start of one. */
  readonly source: string;
  readonly names: readonly string[];
}

export interface TagResult {
  readonly names: readonly string[];
}

export interface RemoveRequest {
  /** Names, IDs or the starts of them. */
  readonly images: readonly string[];
  /** Remove an image by ID though several repositories name it. */
  readonly force: boolean;
}

export interface RemoveResult {
  /** Names that are gone, as people write them. */
  readonly untagged: readonly string[];
  /** IDs of images that have no name left. */
  readonly deleted: readonly Digest[];
  /** undefined: a build is running, and the blobs go with the next `rmi` or `prune`. */
  readonly freed: { readonly blobs: number; readonly bytes: number } | undefined;
}

export interface SaveRequest {
  /** Names, IDs or the starts of them; an image asked for by ID is saved without a name. */
  readonly images: readonly string[];
  /** A path, or `-`. */
  readonly dest: string;
}

export interface LoadRequest {
  readonly input: /** An archive, or the directory of an OCI layout. */
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'stdin' };
}

export interface LoadedImage {
  /** Normalised; none: the image is known by its ID only. */
  readonly names: readonly string[];
  readonly id: Digest;
  /** Of the manifest or index. */
  readonly digest: Digest;
}
