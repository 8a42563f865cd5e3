/**
 * PORT. The local image store. On disk `<root>/images` is a plain OCI image layout (image-spec image-layout.md), so that
 * skopeo, umoci and crane can open it. Backend: layout-store.ts.
 */
import type { BlobSink, ContentSink, ContentSource } from '../content/index.ts';
import type { Compression, Descriptor, Digest } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { SmallBlobs } from './small-blobs.ts';

export { type Reached, reachedFrom } from './reach.ts';
export { type ImageManifest, platformsOf, readImage } from './read-image.ts';
export type { SmallBlobs } from './small-blobs.ts';

/** One tagged (or, with no name, dangling) image of the store. */
export interface StoredImage {
  /** Normalised name with tag: `docker.io/library/app:latest`; undefined for a dangling image. */
  readonly name: string | undefined;
  /** A manifest or an index. */
  readonly target: Descriptor;
}

/** One way in which a layer lies in the store. */
export interface StoredForm {
  readonly compression: Compression;
  readonly blob: Descriptor;
  /** Which recipe made it (`gzip/6/1048576`), or `foreign` if it came from elsewhere. */
  readonly recipe: string;
}

/** One blob as it lies on the disk. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
  /** What it takes on the disk, in bytes. */
  readonly diskBytes: number;
}

export interface Freed {
  readonly blobs: number;
  /** As the disk counts them. */
  readonly bytes: number;
}

/**
 * Deletes blobs that no image and no `keep` needs (asked with digests of blobs and with diffIds), and what killed processes
 * left half-written.
 */
export type Collect = (keep: (digest: Digest) => boolean) => Promise<Freed>;

export interface CollectOptions {
  readonly keep: (digest: Digest) => boolean;
  readonly waitMs?: number;
}

export interface Store extends ContentSource, ContentSink, BlobSink, SmallBlobs {
  /** `<MKIMAGE_ROOT>/images`. */
  readonly directory: string;
  /** Absolute path of a blob's file, whether or not it exists. */
  blobPath(digest: Digest): string;
  /** Reads a blob to its end and removes it if it is not what its digest says. True: it is not here (any more). */
  removeIfDamaged(digest: Digest, call: Pick<Call, 'signal'>): Promise<boolean>;
  /** Writes a small blob at once (no-op if it is there) and returns its descriptor. */
  putSmall(mediaType: string, bytes: Uint8Array | string): Descriptor;

  /** The image a normalised name points at; `repository@digest` also finds it under a tag of that repository. */
  resolve(name: string): StoredImage | undefined;
  list(): readonly StoredImage[];
  /** Points names at an image, atomically together; the image they pointed at before becomes dangling. No names: listed as dangling. */
  tag(names: readonly string[], target: Descriptor): Promise<void>;
  /** Whether index.json is what was written, as far as that can be known; `repairIndex` writes it anew from its copy. */
  isIndexSound(): boolean;
  repairIndex(): Promise<void>;
  /** Removes a name; `keepDangling` leaves the image listed without one. Throws `not-found`. */
  untag(name: string, options: { readonly keepDangling: boolean }): Promise<void>;
  removeDangling(digest: Digest): Promise<void>;

  /**
   * The forms in which a layer is held, by diffId: never compress twice. A layer that lies here uncompressed is among them
   * (recipe `uncompressed`) without having been added.
   */
  formsOf(diffId: Digest): readonly StoredForm[];
  addForm(diffId: Digest, form: StoredForm): void;

  /** Every blob that is here whole. */
  blobs(): Iterable<StoredBlob>;
  /** `exclusively`, and nothing but collecting. */
  collect(options: CollectOptions): Promise<Freed>;
  /**
   * Does work while no build or load runs, with a collector in its hand. Throws `in-use` if leases are still held after
   * `waitMs` (30 s by default).
   */
  exclusively<T>(work: (collect: Collect) => Promise<T>, waitMs?: number): Promise<T>;
  /** Held (shared) while a build or a load writes, so that `collect` (exclusive) waits. Survives a killed holder. */
  lease(): Promise<AsyncDisposable>;
}
