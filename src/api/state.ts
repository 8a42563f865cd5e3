/** Requests and results for the state directory. */
import type { Digest } from '../oci/index.ts';

export type UsageKind =
  | 'images'
  | 'build-cache' // layers that no image has, and the records of steps
  | 'unpacked-layers'
  | 'layer-listings'
  | 'cache-mounts'
  | 'containers'
  | 'volumes'
  | 'fetched-sources'
  | 'memories'
  | 'logs'
  | 'temporary'
  | 'bookkeeping' // files that the store itself needs
  | 'older-formats' // folders of earlier versions
  | 'unknown'; // not made by mkimage

/** A line of `mkimage du`. */
export interface UsageLine {
  readonly kind: UsageKind;
  /** Number of images, records, or files and folders. */
  readonly count: number;
  /** Bytes on the disk. */
  readonly bytes: number;
  /** Bytes that `prune --all` frees. */
  readonly reclaimable: number;
  /** Names of older formats and unknown files, relative to the root. */
  readonly names?: readonly string[];
}

export interface DiskUsage {
  readonly lines: readonly UsageLine[];
  /** Equal to `du -s` of the store's folder. */
  readonly bytes: number;
  readonly reclaimable: number;
}

/** The types that `prune --filter type=` accepts, as in Docker. */
export type CacheType =
  | 'regular' // results of steps, unpacked layers, downloads
  | 'source.local' // remembered digests of context directories
  | 'source.git.checkout'
  | 'exec.cachemount'
  | 'internal' // logs, memories, leftovers of killed builds
  | 'frontend'; // always empty

export interface PruneRequest {
  /** Remove the whole build cache and every unpacked layer, not only stale objects. */
  readonly all: boolean;
  /** Also remove objects that were not used for this many seconds. With `all`: of the cache, remove only these. */
  readonly unusedFor?: number | undefined;
  /**
   * Reduce the build cache to this many bytes, instead of removing everything that no image needs. Unpacked layers are removed
   * first, then the least recently used objects.
   */
  readonly keepStorage?: number | undefined;
  /** Remove cache mounts too. They contain data of the user that cannot be made again. */
  readonly cacheMounts?: boolean;
  /** Remove only these types, and no images. Cache mounts are removed if they are named here. */
  readonly types?: readonly CacheType[] | undefined;
  /** Remove only cache objects whose ID starts with one of these, stale or not. */
  readonly ids?: readonly string[] | undefined;
}

export interface PruneResult {
  /** Removed dangling images: the digests of their manifests or indexes. */
  readonly images: readonly Digest[];
  /** IDs of removed cache objects: keys of records, chains of unpacked layers, downloads, checkouts, memories, logs. */
  readonly objects: readonly string[];
  readonly cacheRecords: number;
  readonly blobs: number;
  readonly cacheMounts: readonly CacheMountUsage[];
  /** Freed bytes on the disk. */
  readonly bytes: number;
}

export interface CacheMountUsage {
  /** Name of the mount on the disk, made from its id, owner, mode and initial content. */
  readonly key: string;
  /** `id=` of the mount, by default its target. */
  readonly id: string;
  /** Bytes on the disk. */
  readonly bytes: number;
  /** Time of the last use by a step, in milliseconds since 1970. */
  readonly usedAt: number;
}

export interface RemoveMountsRequest {
  /** Ids, keys or starts of keys. */
  readonly mounts: readonly string[];
}

export interface RemovedMounts {
  readonly mounts: readonly CacheMountUsage[];
  readonly bytes: number;
}

export interface CheckStoreRequest {
  /** Remove damaged objects. */
  readonly repair: boolean;
}

export type StoredKind =
  | 'index' // index.json: the names of images
  | 'blob'
  | 'form' // the list of compressed forms of a layer
  | 'listing' // of a layer
  | 'record' // of a step, with the data that explains cache misses
  | 'build-file' // a remembered build file
  | 'context' // remembered digests of context files
  | 'download' // for ADD or a context
  | 'certificate' // lists of authorities
  | 'unpacked'; // layer

export interface DamagedThing {
  readonly kind: StoredKind;
  /** Relative to the root of the store. */
  readonly path: string;
  /** Names of images that contain the damaged object. */
  readonly images: readonly string[];
  readonly repaired: boolean;
}

export interface StoreCheck {
  /** Number of checked objects of each kind. */
  readonly checked: Readonly<Partial<Record<StoredKind, number>>>;
  readonly damaged: readonly DamagedThing[];
  /** Folders that cannot be checked, and the reason. */
  readonly unread: readonly { readonly path: string; readonly why: string }[];
}
