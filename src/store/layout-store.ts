/**
 * The store on disk:
 *
 *   <root>/images/            an OCI image layout: oci-layout, index.json, blobs/sha256/<hex>
 *   <root>/layers-v1/         forms of a layer by diffId (forms.ts)
 *   <root>/locks/{index,collect,leases}/
 *   <root>/tmp/blob-…         blobs being written (blob-files.ts, ingest.ts)
 *
 * A blob appears whole or not at all. A blob of the wrong length (after a power cut) counts as missing and is written again.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { BlobWriter } from '../content/index.ts';
import { FileLock, secureFolders, withStoreErrors, writeAtomically } from '../host/index.ts';
import { type Descriptor, type Digest, IMAGE_LAYOUT, MEDIA_TYPE } from '../oci/index.ts';
import type { Call, Log } from '../progress.ts';
import { BlobFiles } from './blob-files.ts';
import { findByDigest } from './find-by-digest.ts';
import { formRecords, readForms, removeForms, writeForm } from './forms.ts';
import { collectGarbage } from './gc.ts';
import type { Collect, CollectOptions, Freed, Store, StoredBlob, StoredForm, StoredImage } from './index.ts';
import { IndexBackup } from './index-backup.ts';
import { IndexFile } from './index-file.ts';
import { Leases } from './lease.ts';
import { STORE_PLACES } from './places.ts';
import { withNames, withoutDangling, withoutName } from './refs.ts';

const COLLECT_WAIT_MS = 30_000;

export interface StoreOptions {
  readonly log?: Log | undefined;
  /** Images that are kept in addition to those with an entry in the index. */
  readonly held?: () => readonly Descriptor[];
}

export class LayoutStore implements Store {
  readonly directory: string;
  readonly #blobs: BlobFiles;
  readonly #layers: string;
  readonly #index: IndexFile;
  readonly #leases: Leases;
  readonly #log: Log | undefined;
  readonly #held: () => readonly Descriptor[];

  private constructor(root: string, { log, held = () => [] }: StoreOptions) {
    this.#log = log;
    this.#held = held;
    this.directory = join(root, STORE_PLACES.images);
    this.#blobs = new BlobFiles(join(this.directory, IMAGE_LAYOUT.blobs), join(root, STORE_PLACES.temporary), log);
    this.#layers = join(root, STORE_PLACES.forms);
    const locks = join(root, STORE_PLACES.locks);
    this.#index = new IndexFile({
      directory: this.directory,
      lock: new FileLock(join(locks, 'index')),
      backup: new IndexBackup(join(root, STORE_PLACES.index)),
      newTemporary: () => this.#blobs.newTemporary(),
      holds: (target) => this.#blobs.holds(target),
    });
    this.#leases = new Leases(join(locks, 'leases'), new FileLock(join(locks, 'collect')), log);
  }

  /** Opens or creates the store under a root folder (`MKIMAGE_ROOT`). Throws `store`, also if other users could write to it. */
  static open(root: string, options: StoreOptions = {}): LayoutStore {
    const store = new LayoutStore(root, options);
    const marker = join(store.directory, IMAGE_LAYOUT.marker);
    withStoreErrors('open store', root, () => {
      secureFolders(root);
      if (statSync(marker, { throwIfNoEntry: false }) === undefined) store.#create(marker);
    });
    return store;
  }

  blobPath(digest: Digest): string {
    return this.#blobs.path(digest);
  }

  async has(descriptor: Descriptor): Promise<boolean> {
    return this.#blobs.holds(descriptor);
  }

  async open(descriptor: Descriptor): Promise<Readable> {
    return this.#blobs.open(descriptor);
  }

  async put(descriptor: Descriptor, bytes: Readable, call: Call): Promise<void> {
    await this.#blobs.put(descriptor, bytes, call);
  }

  create(): BlobWriter {
    return this.#blobs.create();
  }

  readSmall(descriptor: Descriptor): Uint8Array {
    return this.#blobs.readSmall(descriptor);
  }

  putSmall(mediaType: string, content: Uint8Array | string): Descriptor {
    return this.#blobs.putSmall(mediaType, content);
  }

  async removeIfDamaged(digest: Digest, call: Pick<Call, 'signal'>): Promise<boolean> {
    return this.#blobs.removeIfDamaged(digest, call);
  }

  resolve(name: string): StoredImage | undefined {
    const target = this.#index.find(name)?.target;
    return target === undefined ? findByDigest(this.list(), name) : { name, target };
  }

  list(): readonly StoredImage[] {
    return this.#index.refs().flatMap(({ name, target }) => (target === undefined ? [] : [{ name, target }]));
  }

  async tag(names: readonly string[], target: Descriptor): Promise<void> {
    if (names.length > 0 && names.every((name) => this.resolve(name)?.target.digest === target.digest)) return;
    await this.#index.edit((refs) => withNames(refs, names, target));
    this.#log?.debug('store', 'image listed', { digest: target.digest, names: names.join(' ') || 'none' });
  }

  async untag(name: string, options: { readonly keepDangling: boolean }): Promise<void> {
    await this.#index.edit((refs) => withoutName(refs, name, options.keepDangling));
  }

  async removeDangling(digest: Digest): Promise<void> {
    await this.#index.edit((refs) => withoutDangling(refs, digest));
  }

  isIndexSound(): boolean {
    return this.#index.isSound();
  }

  async repairIndex(): Promise<void> {
    await this.#index.repair();
  }

  formsOf(diffId: Digest): readonly StoredForm[] {
    const recorded = readForms(this.#layers, diffId).filter(({ blob }) => this.#blobs.holds(blob));
    if (recorded.some(({ blob }) => blob.digest === diffId)) return recorded;
    const size = this.#blobs.sizeOf(diffId);
    if (size === undefined) return recorded;
    const plain = { mediaType: MEDIA_TYPE.layer, digest: diffId, size };
    return [{ compression: 'uncompressed', blob: plain, recipe: 'uncompressed' }, ...recorded];
  }

  addForm(diffId: Digest, form: StoredForm): void {
    writeForm({ folder: this.#layers, temporary: this.#blobs.newTemporary() }, diffId, form);
  }

  blobs(): Iterable<StoredBlob> {
    return this.#blobs.all();
  }

  async collect({ keep, waitMs }: CollectOptions): Promise<Freed> {
    return this.exclusively((collect) => collect(keep), waitMs);
  }

  async exclusively<T>(work: (collect: Collect) => Promise<T>, waitMs = COLLECT_WAIT_MS): Promise<T> {
    return this.#leases.exclude(waitMs, () => work((keep) => this.#collectNow(keep)));
  }

  async lease(): Promise<AsyncDisposable> {
    const lease = await this.#leases.take();
    this.#blobs.removeLeftovers((liveness) => liveness === 'dead');
    return lease;
  }

  #create(marker: string): void {
    this.#blobs.make();
    this.#index.create();
    writeAtomically(marker, IMAGE_LAYOUT.markerText, { temporary: this.#blobs.newTemporary(), durability: 'kill' });
  }

  #collectNow(keep: (digest: Digest) => boolean): Promise<Freed> {
    return this.#index.runLocked(async () => {
      // Nobody holds a lease now, so files from other pid namespaces are leftovers too.
      this.#blobs.removeLeftovers((liveness) => liveness !== 'alive');
      const freed = await collectGarbage(this.#collectable(), keep);
      this.#log?.debug('store', 'blobs removed', { blobs: freed.blobs, bytes: freed.bytes });
      return freed;
    });
  }

  #collectable() {
    return {
      roots: [...this.list().map(({ target }) => target), ...this.#held()],
      readSmall: (descriptor: Descriptor) => this.readSmall(descriptor),
      blobs: () => this.#blobs.all(),
      remove: (digest: Digest) => rmSync(this.blobPath(digest), { force: true }),
      layersWithForms: () => formRecords(this.#layers),
      formsOf: (diffId: Digest) => readForms(this.#layers, diffId),
      dropForms: (diffId: Digest) => removeForms(this.#layers, diffId),
    };
  }
}
