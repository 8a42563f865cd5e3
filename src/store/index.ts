/**
 * PORT. The local image store: blobs by digest, images by name, and what is known of layers. On disk `<root>/images` is a plain
 * OCI image layout (image-spec image-layout.md), so that skopeo, umoci and crane can open it. Backend: layout-store.ts.
 *
 * It is made of small roles; who needs one asks for that one. All of them keep these rules:
 *
 * - Nothing is seen half: a blob appears whole under its digest, and names move together.
 * - Everything may be done again: putting what is there costs nothing and is no error, and neither is tagging anew.
 * - A killed process leaves nothing that counts. What it left half made is removed by the next lease.
 * - A blob that is damaged counts as missing from the moment this is found; it is then fetched or made again.
 * - Errors are `not-found`, `integrity`, `limit`, `in-use`, `cancelled`, and `store` where the disk says no.
 *
 * An image is written from below: blobs, then the manifest, then the name, all under a lease, so that no collector takes away
 * what nothing points at yet:
 *
 *     await using _lease = await store.lease();
 *     for (const layer of layers) await copyContent(layer, { from: registry, to: store, step }, call);
 *     const config = store.putSmall(MEDIA_TYPE.config, configBytes);
 *     const { descriptor, bytes } = buildManifest({ config, layers });
 *     await store.tag(['docker.io/library/app:1'], store.putSmall(descriptor.mediaType, bytes));
 */
import type { BlobSink, ContentSink, ContentSource } from '../content/index.ts';
import type { Compression, Descriptor, Digest } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { SmallBlobs } from './small-blobs.ts';

export { STORE_PLACES } from './places.ts';
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

/** Whole blobs. `open` verifies while it streams; `put` verifies before anything is seen. Who opens a stream destroys it. */
export type Blobs = ContentSource & ContentSink & BlobSink;

/** Where blobs lie as files. */
export interface BlobFiles {
  /** `<MKIMAGE_ROOT>/images`. */
  readonly directory: string;
  /** Absolute path of a blob's file, whether or not it exists. */
  blobPath(digest: Digest): string;
}

/** Writes manifests, indexes and configs. */
export interface SmallBlobSink {
  /** Writes a small blob at once (no-op if it is there) and returns its descriptor. */
  putSmall(mediaType: string, bytes: Uint8Array | string): Descriptor;
}

/** Which images there are, and what they are called. Each call is one edit, whoever else edits at the same time. */
export interface ImageNames {
  /** The image a normalised name points at; `repository@digest` also finds it under a tag of that repository. */
  resolve(name: string): StoredImage | undefined;
  list(): readonly StoredImage[];
  /** Points names at an image, atomically together; the image they pointed at before becomes dangling. No names: listed as dangling. */
  tag(names: readonly string[], target: Descriptor): Promise<void>;
  /** Removes a name; `keepDangling` leaves the image listed without one. Throws `not-found`. */
  untag(name: string, options: { readonly keepDangling: boolean }): Promise<void>;
  /** Throws `not-found` if no image without a name has this digest. */
  removeDangling(digest: Digest): Promise<void>;
}

/** The forms in which a layer is held, by diffId: never compress twice. */
export interface LayerForms {
  /** Those whose blobs are here. A layer that lies here uncompressed is among them (recipe `uncompressed`) without having been added. */
  formsOf(diffId: Digest): readonly StoredForm[];
  /** Takes the place of a form of the same recipe or the same blob. */
  addForm(diffId: Digest, form: StoredForm): void;
}

/** Finds what damage did, and undoes it as far as that can be done from here. */
export interface StoreHealth {
  /** Reads a blob to its end and removes it if it is not what its digest says. True: it is not here (any more). */
  removeIfDamaged(digest: Digest, call: Pick<Call, 'signal'>): Promise<boolean>;
  /** Whether index.json is what was written, as far as that can be known; `repairIndex` writes it anew from its copy. */
  isIndexSound(): boolean;
  repairIndex(): Promise<void>;
}

/** Who may work, and what may go. Leases and the one who has the store alone wait for each other. */
export interface StoreSpace {
  /** Every blob that is here whole. */
  blobs(): Iterable<StoredBlob>;
  /** `exclusively`, and nothing but collecting. */
  collect(options: CollectOptions): Promise<Freed>;
  /**
   * Does work while no build or load runs, with a collector in its hand. Throws `in-use` if leases are still held after
   * `waitMs` (30 s by default).
   */
  exclusively<T>(work: (collect: Collect) => Promise<T>, waitMs?: number): Promise<T>;
  /** Held (shared) while a build or a load writes, so that `collect` (exclusive) waits. Dispose it; that of a killed holder counts no more. */
  lease(): Promise<AsyncDisposable>;
}

/** Nobody closes a store: it holds nothing open between two calls but leases. */
export interface Store
  extends Blobs,
    BlobFiles,
    SmallBlobs,
    SmallBlobSink,
    ImageNames,
    LayerForms,
    StoreHealth,
    StoreSpace {}
