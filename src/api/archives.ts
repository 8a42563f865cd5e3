/** Requests and results for files of containers and for images that are made of containers. */
import type { Digest, WantedPlatform } from '../oci/index.ts';
import type { ContainerRequest } from './containers.ts';

/** An object in a container, as the Engine API has it. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Bits of Go's FileMode: permissions, and 2^31 for a directory, 2^27 for a symlink and so on. */
  readonly mode: number;
  /** RFC 3339. */
  readonly mtime: string;
  /** The path that a symlink leads to inside the container; empty for everything else. */
  readonly linkTarget: string;
}

export interface PathRequest extends ContainerRequest {
  readonly path: string;
}

export interface PutArchiveRequest extends PathRequest {
  /** Refuses to replace a directory by something else, and something else by a directory. */
  readonly keepsKinds: boolean;
  /** Everything belongs to the user of the container, instead of the owners in the archive. */
  readonly ownedByUser: boolean;
}

/** One side of `cp`: a path of a container, or of this machine. */
export interface CopyPlace {
  /** undefined: this machine; then `path` is absolute. */
  readonly container?: string | undefined;
  readonly path: string;
}

export interface CopyRequest {
  readonly from: CopyPlace;
  readonly to: CopyPlace;
  /** Follows a symlink that is the source. */
  readonly followLink: boolean;
  /** To a container: everything belongs to its user. To this machine: owners are kept, if the user may set them. */
  readonly archive: boolean;
}

export interface CopyResult {
  /** Bytes of the archive. */
  readonly bytes: number;
}

export interface PathChange {
  readonly Path: string;
  /** 0: changed, 1: added, 2: deleted. */
  readonly Kind: 0 | 1 | 2;
}

export interface CommitRequest extends ContainerRequest {
  /** Name of the new image; undefined: it has none. */
  readonly reference?: string | undefined;
  readonly author?: string | undefined;
  readonly message?: string | undefined;
  /** Instructions of a build file that change the settings of the image. */
  readonly changes: readonly string[];
}

export interface ImportImageRequest {
  readonly reference?: string | undefined;
  readonly message?: string | undefined;
  readonly changes: readonly string[];
  readonly platform?: WantedPlatform | undefined;
  /** Where the archive is from, for the history. */
  readonly source: string;
}

export interface NewImageResult {
  /** The digest of the config. */
  readonly id: Digest;
}
