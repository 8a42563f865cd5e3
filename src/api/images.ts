/** Requests and results for images of the store. An image is given by its name, its ID or the start of its ID. */
import type { ContainerConfig, Descriptor, Digest, Platform, ResolvedImage, WantedPlatform } from '../oci/index.ts';

export interface PullRequest {
  /** The name, not necessarily normalized. */
  readonly image: string;
  /** undefined: the platform of the machine. */
  readonly platform: WantedPlatform | undefined;
}

export type PullResult = ResolvedImage;

export interface ImagesRequest {
  /** List only images whose name matches: `app`, `app:1`, `team/*`. `*` and `?` do not match a slash. */
  readonly filter?: string | undefined;
  /** true: list only images without a name; false: only images with one. */
  readonly dangling?: boolean | undefined;
}

/** A line of `mkimage images`. */
export interface ImageSummary {
  /** The familiar form; undefined: the image is dangling (Docker shows `<none>`). */
  readonly repository: string | undefined;
  /** undefined: no tag, or the name has only a digest. */
  readonly tag: string | undefined;
  /** The digest of the manifest or index. */
  readonly digest: Digest;
  /** The image ID: the digest of the config. */
  readonly id: Digest;
  /** RFC 3339; undefined if the image has no time. */
  readonly created: string | undefined;
  /** Bytes of the layers. */
  readonly size: number;
  /** undefined: the store has no content of the image. */
  readonly platform: Platform | undefined;
}

export interface InspectRequest {
  readonly images: readonly string[];
}

/** An image as `docker image inspect` shows it, with the same member names. */
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
  /** Bytes of the layer; 0 for a step without a layer. */
  readonly size: number;
  readonly emptyLayer: boolean;
  /** Set on the newest line only. */
  readonly names: readonly string[];
}

export interface TagRequest {
  /** A name, an ID or the start of an ID. */
  readonly source: string;
  readonly names: readonly string[];
}

export interface TagResult {
  readonly names: readonly string[];
}

export interface RemoveRequest {
  /** Names, IDs or starts of IDs. */
  readonly images: readonly string[];
  /** Remove an image by ID even if several repositories name it. */
  readonly force: boolean;
}

export interface RemoveResult {
  /** The removed names, in familiar form. */
  readonly untagged: readonly string[];
  /** IDs of the removed images: those without a remaining name. */
  readonly deleted: readonly Digest[];
  /** undefined: a build is running, and the next `rmi` or `prune` removes the blobs. */
  readonly freed: { readonly blobs: number; readonly bytes: number } | undefined;
}

export interface SaveRequest {
  /** Names, IDs or starts of IDs. An image given by ID is saved without a name. */
  readonly images: readonly string[];
  /** A path, or `-`. */
  readonly dest: string;
}

export interface LoadRequest {
  readonly input: /** An archive, or the directory of an OCI layout. */
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'stdin' };
}

export interface LoadedImage {
  /** Normalized names; empty: the image has only an ID. */
  readonly names: readonly string[];
  readonly id: Digest;
  /** The digest of the manifest or index. */
  readonly digest: Digest;
}
