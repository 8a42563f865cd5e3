/** What is asked of the state directory, and what is told of it. */
import type { Digest } from '../oci/index.ts';

export type UsageKind =
  | 'images'
  | 'build-cache' // layers that no image has, and the records of steps
  | 'unpacked-layers'
  | 'layer-listings'
  | 'cache-mounts'
  | 'fetched-sources'
  | 'memories'
  | 'logs'
  | 'temporary'
  | 'bookkeeping' // what the store itself needs
  | 'older-formats' // of earlier versions
  | 'unknown'; // nothing of ours

/** A line of `mkimage du`. */
export interface UsageLine {
  readonly kind: UsageKind;
  /** Images, records, or files and folders, as they are counted. */
  readonly count: number;
  /** Bytes of the disk. */
  readonly bytes: number;
  /** How much of it `prune --all` gives back. */
  readonly reclaimable: number;
  /** What older formats and unknown things are called, below the root. */
  readonly names?: readonly string[];
}

export interface DiskUsage {
  readonly lines: readonly UsageLine[];
  /** The same as `du -s` of the store's folder. */
  readonly bytes: number;
  readonly reclaimable: number;
}

/** What `prune` tells apart, in Docker's words. */
export type CacheType =
  | 'regular' // results of steps, unpacked layers, downloads
  | 'source.local' // what is remembered of context directories
  | 'source.git.checkout'
  | 'exec.cachemount'
  | 'internal' // logs, memories, what killed builds have left
  | 'frontend'; // there are none

export interface PruneRequest {
  /** Forget the whole build cache and every unpacked layer, not only what is stale. */
  readonly all: boolean;
  /** Forget also what was not of use for so many seconds; with `all`, nothing else of the cache. */
  readonly unusedFor?: number | undefined;
  /**
   * Instead of all that no image needs, remove only so much that the build cache takes no more than so many bytes: the longest
   * unused first, unpacked layers before anything else.
   */
  readonly keepStorage?: number | undefined;
  /** Remove cache mounts too; they are the user's, and nothing else brings them back. */
  readonly cacheMounts?: boolean;
  /** Only these, and no images; cache mounts if they are named. */
  readonly types?: readonly CacheType[] | undefined;
  /** Only the objects of the cache whose IDs begin so, stale or not. */
  readonly ids?: readonly string[] | undefined;
}

export interface PruneResult {
  /** Dangling images removed, by the digest of their manifest or index. */
  readonly images: readonly Digest[];
  /** IDs of what went of the build cache: keys of records, chains of unpacked layers, downloads, checkouts, memories, logs. */
  readonly objects: readonly string[];
  readonly cacheRecords: number;
  readonly blobs: number;
  readonly cacheMounts: readonly CacheMountUsage[];
  /** Bytes of the disk given back. */
  readonly bytes: number;
}

export interface CacheMountUsage {
  /** Names the mount on the disk: of its id, owner, mode and first content. */
  readonly key: string;
  /** `id=` of the mount, by default its target. */
  readonly id: string;
  /** Bytes of the disk. */
  readonly bytes: number;
  /** When a step last had it, in milliseconds since 1970. */
  readonly usedAt: number;
}

export interface RemoveMountsRequest {
  /** Ids, keys or the starts of keys. */
  readonly mounts: readonly string[];
}

export interface RemovedMounts {
  readonly mounts: readonly CacheMountUsage[];
  readonly bytes: number;
}

export interface CheckStoreRequest {
  /** Remove what is damaged. */
  readonly repair: boolean;
}

export type StoredKind =
  | 'index' // index.json: the names of images
  | 'blob'
  | 'form' // which compressed forms of a layer there are
  | 'listing' // of a layer
  | 'record' // of a step, and what its misses are explained by
  | 'build-file' // a remembered one
  | 'context' // remembered digests of its files
  | 'download' // for ADD or a context
  | 'certificate' // lists of authorities
  | 'unpacked'; // layer

export interface DamagedThing {
  readonly kind: StoredKind;
  /** Below the root of the store. */
  readonly path: string;
  /** Names of images that have lost something by it. */
  readonly images: readonly string[];
  readonly repaired: boolean;
}

export interface StoreCheck {
  /** How much of each kind there is. */
  readonly checked: Readonly<Partial<Record<StoredKind, number>>>;
  readonly damaged: readonly DamagedThing[];
  /** Folders that are there and have nothing to be compared with, and why. */
  readonly unread: readonly { readonly path: string; readonly why: string }[];
}
