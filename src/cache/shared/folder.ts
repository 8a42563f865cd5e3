/**
 * A shared cache in a folder: an OCI image layout. Each cache is one manifest under its tag. Blobs that no manifest names are removed
 * when a cache is written, a day after they were written.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { verifyStream } from '../../content/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { errnoOf, renameOver, toStoreError, writeAtomically } from '../../host/index.ts';
import {
  ANNOTATION,
  buildIndex,
  type Descriptor,
  type Digest,
  encodedOf,
  IMAGE_LAYOUT,
  parseIndex,
  parseManifestOrIndex,
} from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { BlobContent, Publication, SharedStorage } from './index.ts';
import { createCacheManifest, describeDocument, requireDocument } from './manifest.ts';
import { readBlob } from './read-blob.ts';

export interface FolderOptions {
  /** Absolute. Created by the first write. */
  readonly directory: string;
  readonly tag: string;
  /** Reads this manifest, whatever its tag. */
  readonly digest?: Digest | undefined;
}

/** How long a blob stays that no manifest names: another build may be about to name it. */
const GRACE_MS = 86_400_000;

export class FolderStorage implements SharedStorage {
  readonly title: string;
  readonly #options: FolderOptions;

  constructor(options: FolderOptions) {
    this.#options = options;
    this.title = `folder \`${options.directory}\``;
  }

  async readDocument(call: Call): Promise<Uint8Array | undefined> {
    const { tag, digest } = this.#options;
    const entry = this.#entries().find((each) =>
      digest === undefined ? each.annotations?.[ANNOTATION.refName] === tag : each.digest === digest,
    );
    if (entry === undefined) return undefined;
    return readBlob(this, requireDocument(await readBlob(this, entry, call)), call);
  }

  async open({ digest }: Descriptor): Promise<Readable> {
    const file = this.#pathOf(digest);
    if (sizeOf(file) !== undefined) return createReadStream(file);
    throw new MkimageError('not-found', `read cache blob \`${digest}\`: it is not in ${this.title}`);
  }

  async has({ digest, size }: Descriptor): Promise<boolean> {
    return sizeOf(this.#pathOf(digest)) === size;
  }

  async put({ blob, open }: BlobContent, call: Call): Promise<void> {
    const file = this.#pathOf(blob.digest);
    const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      mkdirSync(dirname(file), { recursive: true });
      await pipeline(verifyStream(await open(), blob), createWriteStream(temporary, { flags: 'wx' }), {
        signal: call.signal,
      });
      renameOver(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw isMkimageError(error) || call.signal.aborted ? error : toStoreError('write', file, error);
    }
  }

  async publish({ document, blobs }: Publication, call: Call): Promise<void> {
    const config = describeDocument(document);
    const { descriptor, bytes } = createCacheManifest({ document: config, blobs });
    for (const [blob, content] of [
      [config, document],
      [descriptor, bytes],
    ] as const) {
      if (!(await this.has(blob))) this.#write(this.#pathOf(blob.digest), content);
    }
    const { tag } = this.#options;
    const others = this.#entries().filter(({ annotations }) => annotations?.[ANNOTATION.refName] !== tag);
    const manifests = [...others, { ...descriptor, annotations: { [ANNOTATION.refName]: tag } }];
    this.#write(join(this.#options.directory, IMAGE_LAYOUT.marker), IMAGE_LAYOUT.markerText);
    this.#write(this.#indexFile, buildIndex({ manifests }).bytes);
    await this.#collect(manifests, call);
  }

  get #indexFile(): string {
    return join(this.#options.directory, IMAGE_LAYOUT.index);
  }

  #pathOf(digest: Digest): string {
    return join(this.#options.directory, IMAGE_LAYOUT.blobs, encodedOf(digest));
  }

  #write(file: string, bytes: Uint8Array | string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeAtomically(file, bytes, { temporary: `${file}.${randomBytes(6).toString('hex')}.tmp`, durability: 'kill' });
  }

  /** A folder without an index has no caches. */
  #entries(): readonly Descriptor[] {
    try {
      return parseIndex(readFileSync(this.#indexFile)).manifests;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || isMkimageError(error, 'invalid-archive')) return [];
      throw isMkimageError(error) ? error : toStoreError('read', this.#indexFile, error);
    }
  }

  /** Removes nothing if the folder also holds something that is not a cache of mkimage. */
  async #collect(manifests: readonly Descriptor[], call: Call): Promise<void> {
    const needed = await this.#reachedFrom(manifests, call);
    if (needed === undefined) return;
    const folder = join(this.#options.directory, IMAGE_LAYOUT.blobs);
    const now = statSync(this.#indexFile).mtimeMs;
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      const age = now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now);
      if (!needed.has(name) && age > GRACE_MS) rmSync(file, { force: true });
    }
  }

  async #reachedFrom(manifests: readonly Descriptor[], call: Call): Promise<ReadonlySet<string> | undefined> {
    const needed = new Set<string>();
    try {
      for (const descriptor of manifests) {
        const bytes = await readBlob(this, descriptor, call);
        requireDocument(bytes);
        const found = parseManifestOrIndex(bytes);
        const blobs = found.kind === 'manifest' ? [found.manifest.config, ...found.manifest.layers] : [];
        for (const { digest } of [descriptor, ...blobs]) needed.add(encodedOf(digest));
      }
      return needed;
    } catch (error) {
      if (isMkimageError(error) && error.code !== 'cancelled') return undefined;
      throw error;
    }
  }
}

function sizeOf(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : undefined;
}
