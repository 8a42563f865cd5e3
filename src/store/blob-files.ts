/** The files of blobs (`<hex>` in one folder) and of blobs that are being written. Does not know what a blob is used for. */
import { createReadStream, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createDamagedBlobError, hashFile, type SealedBlob, verifyStream } from '../content/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import {
  createOwnedName,
  errnoOf,
  type Liveness,
  livenessOf,
  makeDirectories,
  parseOwner,
  removeTree,
  toStoreError,
  withStoreErrors,
  writeAtomically,
} from '../host/index.ts';
import { type Descriptor, type Digest, digestOf, encodedOf, isDigest } from '../oci/index.ts';
import type { Call, Log } from '../progress.ts';
import type { StoredBlob } from './index.ts';
import { Ingest } from './ingest.ts';

const BLOB = 'blob';
const CHUNK = 512 * 1024;
/** Limit for blobs read into memory: manifests and configs are smaller, layers are streamed. */
const MAX_SMALL = 16 * 1024 * 1024;

export class BlobFiles {
  readonly #folder: string;
  readonly #temporary: string;
  readonly #log: Log | undefined;

  constructor(folder: string, temporary: string, log?: Log) {
    this.#log = log;
    this.#folder = folder;
    this.#temporary = temporary;
  }

  make(): void {
    for (const folder of [this.#folder, this.#temporary]) makeDirectories(folder, 0o700);
  }

  path(digest: Digest): string {
    return join(this.#folder, encodedOf(digest));
  }

  open(descriptor: Descriptor): Readable {
    if (!this.holds(descriptor)) throw createMissingError(descriptor);
    const bytes = createReadStream(this.path(descriptor.digest), { highWaterMark: CHUNK });
    return verifyStream(bytes, descriptor, (_, { size, digest }) =>
      createDamagedBlobError(descriptor, digest === undefined ? `${size} bytes` : `\`${digest}\``),
    );
  }

  async put(descriptor: Descriptor, bytes: Readable, call: Call): Promise<void> {
    if (this.holds(descriptor)) {
      bytes.destroy();
      this.#log?.debug('store', 'blob is already stored', { digest: descriptor.digest, bytes: descriptor.size });
      return;
    }
    await using ingest = this.create();
    for await (const chunk of bytes) {
      throwIfCancelled(call.signal);
      ingest.write(chunk as Uint8Array);
      if (ingest.size > descriptor.size) throw tooLong(descriptor);
    }
    ingest.commitAs(descriptor);
  }

  readSmall(descriptor: Descriptor): Uint8Array {
    if (descriptor.size > MAX_SMALL)
      throw new MkimageError('limit', `read ${descriptor.digest}: ${descriptor.size} bytes are too many`);
    if (!this.holds(descriptor)) throw createMissingError(descriptor);
    const path = this.path(descriptor.digest);
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
    const path = this.path(descriptor.digest);
    if (!this.holds(descriptor) || !readFileSync(path).equals(bytes)) {
      writeAtomically(path, bytes, { temporary: this.newTemporary(), durability: 'kill' });
      this.#log?.debug('store', 'blob written', { digest: descriptor.digest, bytes: bytes.length, mediaType });
    }
    return descriptor;
  }

  async removeIfDamaged(digest: Digest, { signal }: Pick<Call, 'signal'>): Promise<boolean> {
    const path = this.path(digest);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return true;
    if ((await hashFile(path, signal)) === digest) return false;
    removeTree(path);
    this.#log?.debug('store', 'damaged blob removed', { digest });
    return true;
  }

  *all(): Iterable<StoredBlob> {
    for (const name of namesIn(this.#folder)) {
      const digest = `sha256:${name}`;
      const stat = isDigest(digest) ? lstatSync(join(this.#folder, name), { throwIfNoEntry: false }) : undefined;
      if (stat?.isFile()) yield { digest: digest as Digest, size: stat.size, diskBytes: stat.blocks * 512 };
    }
  }

  newTemporary(): string {
    return join(this.#temporary, createOwnedName(BLOB));
  }

  create(): Ingest {
    return Ingest.open(this.newTemporary(), (blob) => {
      this.#log?.debug('store', 'blob verified and written', { digest: blob.digest, bytes: blob.size });
      return this.path(blob.digest);
    });
  }

  holds(blob: SealedBlob): boolean {
    return this.sizeOf(blob.digest) === blob.size;
  }

  sizeOf(digest: Digest): number | undefined {
    const path = this.path(digest);
    const stat = withStoreErrors('read blob', path, () => lstatSync(path, { throwIfNoEntry: false }));
    return stat?.isFile() ? stat.size : undefined;
  }

  /** Removes half-written files of killed processes. */
  removeLeftovers(isNobodys: (liveness: Liveness) => boolean): void {
    for (const name of namesIn(this.#temporary)) {
      const owner = parseOwner(BLOB, name);
      if (owner === undefined || !isNobodys(livenessOf(owner))) continue;
      rmSync(join(this.#temporary, name), { force: true });
      this.#log?.debug('store', 'incomplete blob removed', { owner });
    }
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

function createMissingError(descriptor: Descriptor): MkimageError {
  return new MkimageError('not-found', `read blob: ${descriptor.digest} is not in the store`);
}

function tooLong(descriptor: Descriptor): MkimageError {
  return new MkimageError('integrity', `write blob: ${descriptor.digest} is longer than its ${descriptor.size} bytes`);
}
