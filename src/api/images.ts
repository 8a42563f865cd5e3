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
  /** The images of an index; empty: the name has one image. */
  readonly platforms: readonly PlatformSummary[];
}

/** An image of an index. */
export interface PlatformSummary {
  readonly platform: Platform | undefined;
  /** The digest of the manifest. */
  readonly digest: Digest;
  /** Bytes of the layers; undefined: the store has no content of it. */
  readonly size: number | undefined;
}

export interface InspectRequest {
  readonly images: readonly string[];
  /** Of an index; undefined: the platform of the machine, or another one that is there. */
  readonly platform?: WantedPlatform | undefined;
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
  /** As in `InspectRequest`. */
  readonly platform?: WantedPlatform | undefined;
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
  /** Undefined or empty: all that are there. */
  readonly platforms?: readonly WantedPlatform[] | undefined;
}

export interface LoadRequest {
  readonly input: /** An archive, or the directory of an OCI layout. */
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'stdin' };
  /** Undefined or empty: all that are there. */
  readonly platforms?: readonly WantedPlatform[] | undefined;
}

export interface LoadedImage {
  /** Normalized names; empty: the image has only an ID. */
  readonly names: readonly string[];
  readonly id: Digest;
  /** The digest of the manifest or index. */
  readonly digest: Digest;
}

/** Joins the parts of an image, which `build --part` has pushed. */
export interface JoinRequest {
  /** A name with a tag in a registry. */
  readonly image: string;
  /** The platforms that must be there, and no others are joined; empty: all that are there. */
  readonly expect: readonly WantedPlatform[];
  readonly keepsParts: boolean;
}

export interface JoinResult {
  /** Normalized. */
  readonly reference: string;
  /** The index. */
  readonly descriptor: Descriptor;
  /** In the order of the index. */
  readonly platforms: readonly Platform[];
}

export interface PushRequest {
  /** A name, not necessarily normalized; with `allTags` a repository. */
  readonly image: string;
  /** Push all tags of the repository that are in the store. */
  readonly allTags: boolean;
  /** Of an index, push only the image for this platform; undefined: all of it. */
  readonly platform: WantedPlatform | undefined;
  /** Allow plain HTTP, and TLS with a certificate that is not trusted. */
  readonly insecure: boolean;
}

export interface PushResult {
  /** Normalized, without a tag. */
  readonly repository: string;
  readonly layers: readonly PushedLayer[];
  readonly tags: readonly PushedTag[];
}

export interface PushedLayer {
  readonly digest: Digest;
  readonly placement: 'present' | 'mounted' | 'uploaded';
  /** The repository of the same registry that it was mounted from. */
  readonly mountedFrom?: string | undefined;
}

export interface PushedTag {
  readonly tag: string;
  /** The manifest or index in the registry. */
  readonly descriptor: Descriptor;
}
