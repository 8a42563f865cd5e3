/**
 * PORT. The local image store: blobs by digest, images by name, and what is known of layers. On disk `<root>/images` is a plain
 * OCI image layout (image-spec image-layout.md), so that skopeo, umoci and crane can open it. Backend: layout-store.ts.
 *
 * It consists of small roles; callers ask for the role that they need. All roles follow these rules:
 *
 * - **Atomicity:** a blob appears whole under its digest, and several names change together.
 * - **Idempotence:** every call can be repeated. Storing an existing blob or tagging an image again is no error.
 * - **Kills:** a killed process leaves only temporary files, which the next lease removes.
 * - **Damage:** a damaged blob counts as missing once the damage is found; it is then fetched or made again.
 * - **Errors:** `not-found`, `integrity`, `limit`, `in-use`, `cancelled`, and `store` for errors of the disk.
 *
 * An image is written in this order: blobs, manifest, name. A lease is held meanwhile, so that no collector removes blobs that
 * nothing points at yet:
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

/** One stored form of a layer. */
export interface StoredForm {
  readonly compression: Compression;
  readonly blob: Descriptor;
  /** The recipe that made it (`gzip/6/1048576`), or `foreign` if it was fetched or loaded. */
  readonly recipe: string;
}

/** One blob on the disk. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
  /** Its disk usage in bytes. */
  readonly diskBytes: number;
}

export interface Freed {
  readonly blobs: number;
  /** Disk usage. */
  readonly bytes: number;
}

/**
 * Deletes blobs that no image needs and `keep` rejects, and partly written files of killed processes. `keep` is called with
 * digests of blobs and with diffIds.
 */
export type Collect = (keep: (digest: Digest) => boolean) => Promise<Freed>;

export interface CollectOptions {
  readonly keep: (digest: Digest) => boolean;
  readonly waitMs?: number;
}

/** Whole blobs. `open` verifies while it streams; `put` verifies before the blob appears. The caller destroys opened streams. */
export type Blobs = ContentSource & ContentSink & BlobSink;

/** The files of blobs. */
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

/** Images and their names. Each call is one atomic edit, also with other processes editing at the same time. */
export interface ImageNames {
  /** The image of a normalised name. `repository@digest` also finds an image that has only a tag of that repository. */
  resolve(name: string): StoredImage | undefined;
  list(): readonly StoredImage[];
  /** Points names at an image, in one edit. The image they pointed at before becomes dangling. Without names: adds a dangling image. */
  tag(names: readonly string[], target: Descriptor): Promise<void>;
  /** Removes a name; `keepDangling` keeps the image in the list without a name. Throws `not-found`. */
  untag(name: string, options: { readonly keepDangling: boolean }): Promise<void>;
  /** Throws `not-found` if no image without a name has this digest. */
  removeDangling(digest: Digest): Promise<void>;
}

/** The stored forms of layers by diffId, so that no layer is compressed twice. */
export interface LayerForms {
  /** The forms whose blobs exist. An uncompressed layer in the store is included (recipe `uncompressed`) without `addForm`. */
  formsOf(diffId: Digest): readonly StoredForm[];
  /** Adds a form. It replaces a form with the same recipe or the same blob. */
  addForm(diffId: Digest, form: StoredForm): void;
}

/** Finds and repairs damage within the store. */
export interface StoreHealth {
  /** Reads a whole blob and removes it if its bytes do not match its digest. Returns true if the blob is missing afterwards. */
  removeIfDamaged(digest: Digest, call: Pick<Call, 'signal'>): Promise<boolean>;
  /** True if index.json shows no damage. `repairIndex` rewrites it from its copy. */
  isIndexSound(): boolean;
  repairIndex(): Promise<void>;
}

/** Leases and exclusive access. Holders of leases and the holder of exclusive access wait for each other. */
export interface StoreSpace {
  /** All complete blobs. */
  blobs(): Iterable<StoredBlob>;
  /** Collects garbage with exclusive access. */
  collect(options: CollectOptions): Promise<Freed>;
  /**
   * Runs work while no build or load runs, and passes a collector to it. Throws `in-use` if leases are still held after `waitMs`
   * (default: 30 s).
   */
  exclusively<T>(work: (collect: Collect) => Promise<T>, waitMs?: number): Promise<T>;
  /** A shared lease for a build or load, so that `collect` (exclusive) waits. Dispose it. Leases of killed processes are ignored. */
  lease(): Promise<AsyncDisposable>;
}

/** A store needs no closing: between two calls it keeps nothing open except leases. */
export interface Store
  extends Blobs,
    BlobFiles,
    SmallBlobs,
    SmallBlobSink,
    ImageNames,
    LayerForms,
    StoreHealth,
    StoreSpace {}
