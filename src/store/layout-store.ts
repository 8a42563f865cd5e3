/**
 * The store on disk:
 *
 *   <root>/images/            an OCI image layout: oci-layout, index.json, blobs/sha256/<hex>
 *   <root>/layers-v1/         forms of a layer by diffId (forms.ts)
 *   <root>/locks/{index,collect,leases}/
 *   <root>/tmp/blob-…         blobs being written (ingest.ts)
 *
 * A blob appears whole or not at all. A blob of the wrong length (after a power cut) counts as missing and is written again.
 */
import { createReadStream, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type BlobWriter, createDamagedBlobError, hashFile, type SealedBlob, verifyStream } from '../content/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import {
  createOwnedName,
  errnoOf,
  FileLock,
  type Liveness,
  livenessOf,
  parseOwner,
  removeTree,
  secureFolders,
  toStoreError,
  withStoreErrors,
  writeAtomically,
} from '../host/index.ts';
import { type Descriptor, type Digest, digestOf, encodedOf, IMAGE_LAYOUT, isDigest, MEDIA_TYPE } from '../oci/index.ts';
import type { Call, Log } from '../progress.ts';
import { findByDigest } from './find-by-digest.ts';
import { formRecords, readForms, removeForms, writeForm } from './forms.ts';
import { collectGarbage } from './gc.ts';
import type { Collect, CollectOptions, Freed, Store, StoredBlob, StoredForm, StoredImage } from './index.ts';
import { IndexBackup } from './index-backup.ts';
import { IndexFile } from './index-file.ts';
import { Ingest } from './ingest.ts';
import { Leases } from './lease.ts';
import { STORE_PLACES } from './places.ts';
import { withNames, withoutDangling, withoutName } from './refs.ts';

const BLOB = 'blob';
const CHUNK = 512 * 1024;
/** Limit for blobs read into memory: manifests and configs are smaller, layers are streamed. */
const MAX_SMALL = 16 * 1024 * 1024;
const COLLECT_WAIT_MS = 30_000;

export class LayoutStore implements Store {
  readonly directory: string;
  readonly #blobs: string;
  readonly #layers: string;
  readonly #temporary: string;
  readonly #index: IndexFile;
  readonly #leases: Leases;
  readonly #log: Log | undefined;

  private constructor(root: string, log: Log | undefined) {
    this.#log = log;
    this.directory = join(root, STORE_PLACES.images);
    this.#blobs = join(this.directory, IMAGE_LAYOUT.blobs);
    this.#layers = join(root, STORE_PLACES.forms);
    this.#temporary = join(root, STORE_PLACES.temporary);
    const locks = join(root, STORE_PLACES.locks);
    this.#index = new IndexFile({
      directory: this.directory,
      lock: new FileLock(join(locks, 'index')),
      backup: new IndexBackup(join(root, STORE_PLACES.index)),
      newTemporary: () => this.#temporaryName(),
      holds: (target) => this.#holds(target),
    });
    this.#leases = new Leases(join(locks, 'leases'), new FileLock(join(locks, 'collect')), log);
  }

  /** Opens or creates the store under a root folder (`MKIMAGE_ROOT`). Throws `store`, also if other users could write to it. */
  static open(root: string, log?: Log): LayoutStore {
    const store = new LayoutStore(root, log);
    const marker = join(store.directory, IMAGE_LAYOUT.marker);
    withStoreErrors('open store', root, () => {
      secureFolders(root);
      if (statSync(marker, { throwIfNoEntry: false }) === undefined) store.#create(marker);
    });
    return store;
  }

  blobPath(digest: Digest): string {
    return join(this.#blobs, encodedOf(digest));
  }

  async has(descriptor: Descriptor): Promise<boolean> {
    return this.#holds(descriptor);
  }

  async open(descriptor: Descriptor): Promise<Readable> {
    if (!this.#holds(descriptor)) throw missing(descriptor);
    const bytes = createReadStream(this.blobPath(descriptor.digest), { highWaterMark: CHUNK });
    return verifyStream(bytes, descriptor, (_, { size, digest }) =>
      createDamagedBlobError(descriptor, digest === undefined ? `${size} bytes` : `\`${digest}\``),
    );
  }

  async put(descriptor: Descriptor, bytes: Readable, call: Call): Promise<void> {
    if (this.#holds(descriptor)) {
      bytes.destroy();
      this.#log?.debug('store', 'blob is here already', { digest: descriptor.digest, bytes: descriptor.size });
      return;
    }
    await using ingest = this.#ingest();
    for await (const chunk of bytes) {
      throwIfCancelled(call.signal);
      ingest.write(chunk as Uint8Array);
      if (ingest.size > descriptor.size) throw tooLong(descriptor);
    }
    ingest.commitAs(descriptor);
  }

  create(): BlobWriter {
    return this.#ingest();
  }

  readSmall(descriptor: Descriptor): Uint8Array {
    if (descriptor.size > MAX_SMALL)
      throw new MkimageError('limit', `read ${descriptor.digest}: ${descriptor.size} bytes are too many`);
    if (!this.#holds(descriptor)) throw missing(descriptor);
    const path = this.blobPath(descriptor.digest);
    const bytes = withStoreErrors('read blob', path, () => readFileSync(path));
    const found = digestOf(bytes);
    if (found === descriptor.digest) return bytes;
    // The damaged file is useless. After its removal the blob counts as missing and is fetched or made again.
    rmSync(path, { force: true });
    this.#log?.debug('store', 'damaged blob removed', { digest: descriptor.digest, found });
    const hint = 'it was removed; build, pull or load the image again';
    throw createDamagedBlobError(descriptor, `\`${found}\``).with({ hint });
  }

  putSmall(mediaType: string, content: Uint8Array | string): Descriptor {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    const path = this.blobPath(descriptor.digest);
    if (!this.#holds(descriptor) || !readFileSync(path).equals(bytes)) {
      writeAtomically(path, bytes, { temporary: this.#temporaryName(), durability: 'kill' });
      this.#log?.debug('store', 'blob put', { digest: descriptor.digest, bytes: bytes.length, mediaType });
    }
    return descriptor;
  }

  async removeIfDamaged(digest: Digest, { signal }: Pick<Call, 'signal'>): Promise<boolean> {
    const path = this.blobPath(digest);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return true;
    if ((await hashFile(path, signal)) === digest) return false;
    removeTree(path);
    this.#log?.debug('store', 'damaged blob removed', { digest });
    return true;
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
    const recorded = readForms(this.#layers, diffId).filter(({ blob }) => this.#holds(blob));
    if (recorded.some(({ blob }) => blob.digest === diffId)) return recorded;
    const size = this.#sizeOf(diffId);
    if (size === undefined) return recorded;
    const plain = { mediaType: MEDIA_TYPE.layer, digest: diffId, size };
    return [{ compression: 'uncompressed', blob: plain, recipe: 'uncompressed' }, ...recorded];
  }

  addForm(diffId: Digest, form: StoredForm): void {
    writeForm(this.#layers, this.#temporaryName(), diffId, form);
  }

  *blobs(): Iterable<StoredBlob> {
    for (const name of namesIn(this.#blobs)) {
      const digest = `sha256:${name}`;
      const stat = isDigest(digest) ? lstatSync(join(this.#blobs, name), { throwIfNoEntry: false }) : undefined;
      if (stat?.isFile()) yield { digest: digest as Digest, size: stat.size, diskBytes: stat.blocks * 512 };
    }
  }

  async collect({ keep, waitMs }: CollectOptions): Promise<Freed> {
    return this.exclusively((collect) => collect(keep), waitMs);
  }

  async exclusively<T>(work: (collect: Collect) => Promise<T>, waitMs = COLLECT_WAIT_MS): Promise<T> {
    return this.#leases.exclude(waitMs, () => work((keep) => this.#collectNow(keep)));
  }

  async lease(): Promise<AsyncDisposable> {
    const lease = await this.#leases.take();
    this.#removeLeftovers((liveness) => liveness === 'dead');
    return lease;
  }

  #create(marker: string): void {
    for (const folder of [this.#blobs, this.#temporary]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#index.create();
    writeAtomically(marker, IMAGE_LAYOUT.markerText, { temporary: this.#temporaryName(), durability: 'kill' });
  }

  #temporaryName(): string {
    return join(this.#temporary, createOwnedName(BLOB));
  }

  #ingest(): Ingest {
    return Ingest.open(this.#temporaryName(), (blob) => {
      this.#log?.debug('store', 'blob verified and put', { digest: blob.digest, bytes: blob.size });
      return this.blobPath(blob.digest);
    });
  }

  #holds(blob: SealedBlob): boolean {
    return this.#sizeOf(blob.digest) === blob.size;
  }

  #sizeOf(digest: Digest): number | undefined {
    const path = this.blobPath(digest);
    const stat = withStoreErrors('read blob', path, () => lstatSync(path, { throwIfNoEntry: false }));
    return stat?.isFile() ? stat.size : undefined;
  }

  #collectNow(keep: (digest: Digest) => boolean): Promise<Freed> {
    return this.#index.locked(async () => {
      // Nobody holds a lease now, so files from other pid namespaces are leftovers too.
      this.#removeLeftovers((liveness) => liveness !== 'alive');
      const freed = await collectGarbage(this.#collectable(), keep);
      this.#log?.debug('store', 'blobs removed', { blobs: freed.blobs, bytes: freed.bytes });
      return freed;
    });
  }

  #removeLeftovers(isNobodys: (liveness: Liveness) => boolean): void {
    for (const name of namesIn(this.#temporary)) {
      const owner = parseOwner(BLOB, name);
      if (owner === undefined || !isNobodys(livenessOf(owner))) continue;
      rmSync(join(this.#temporary, name), { force: true });
      this.#log?.debug('store', 'half-written blob removed', { owner });
    }
  }

  #collectable() {
    return {
      roots: this.list().map(({ target }) => target),
      readSmall: (descriptor: Descriptor) => this.readSmall(descriptor),
      blobs: () => this.blobs(),
      remove: (digest: Digest) => rmSync(this.blobPath(digest), { force: true }),
      layersWithForms: () => formRecords(this.#layers),
      formsOf: (diffId: Digest) => readForms(this.#layers, diffId),
      dropForms: (diffId: Digest) => removeForms(this.#layers, diffId),
    };
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw toStoreError('read', folder, error);
  }
}

function missing(descriptor: Descriptor): MkimageError {
  return new MkimageError('not-found', `read blob: ${descriptor.digest} is not in the store`);
}

function tooLong(descriptor: Descriptor): MkimageError {
  return new MkimageError('integrity', `write blob: ${descriptor.digest} is longer than its ${descriptor.size} bytes`);
}
