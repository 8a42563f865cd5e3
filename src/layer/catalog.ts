import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Transform } from 'node:stream';
import {
  type ContentProof,
  type ContentSource,
  type FileLocation,
  type FileTree,
  withSuspect,
} from '../content/index.ts';
import type { Suspect } from '../errors.ts';
import { removeTree } from '../host/index.ts';
import { compressionOf, type Descriptor, type Digest, encodedOf, type Layer } from '../oci/index.ts';
import { type Call, createQuietCall } from '../progress.ts';
import { DigestMemory } from './digest-memory.ts';
import { layerFile, readIndexFile, writeIndexFile } from './index-file.ts';
import type { LayerIndex } from './layer-index.ts';
import { openPlainBytes } from './plain-bytes.ts';
import { writePlainFile } from './plain-file.ts';
import type { RemoteLayers } from './remote-layers.ts';
import { sameListingButTimes } from './same-but-times.ts';
import { sameContent } from './same-object.ts';
import { LayerScan } from './scan.ts';
import { createLayerTap } from './tap.ts';
import { createLayeredTree, type Held } from './tree.ts';
import { LayerApplier } from './unpack/apply.ts';
import type { ApplyTarget } from './unpack/apply-target.ts';

/** The part of the store that the catalog uses. */
export interface LayerBlobs extends Pick<ContentSource, 'open'> {
  /** The path of a blob's file. The file may not exist. */
  blobPath(digest: Digest): string;
  formsOf(diffId: Digest): readonly { readonly compression: string; readonly blob: Descriptor }[];
}

export interface CatalogOptions {
  /** `trees-v1`: the listings, `<2 hex>/<hex>` by diffId, and digests of files. */
  readonly directory: string;
  /** Contains layers that were decompressed for reading. They may be deleted whenever no build runs. */
  readonly scratch: string;
  readonly store: LayerBlobs;
  /** Layers that are fetched before they are read. */
  readonly remote?: Pick<RemoteLayers, 'ensure'> | undefined;
}

/** Provides the listings of all layers. A listing is created once, while the layer is read or written, and stored on disk. */
export class LayerCatalog {
  readonly #options: CatalogOptions;
  readonly #indexes = new Map<Digest, Promise<LayerIndex>>();
  readonly #plainFiles = new Map<Digest, Promise<string>>();
  readonly #digests: DigestMemory;

  constructor(options: CatalogOptions) {
    this.#options = options;
    this.#digests = new DigestMemory(options.directory);
  }

  /** Stores the listing of a layer. */
  remember(layer: Layer, index: LayerIndex): void {
    this.#indexes.set(layer.diffId, Promise.resolve(index));
    writeIndexFile(this.#options.directory, index);
  }

  /** Returns the listing of a layer. Reads the layer if there is no listing. Throws `integrity` if its digest is not the diffId. */
  index(layer: Layer, call: Call): Promise<LayerIndex> {
    const known = this.#indexes.get(layer.diffId);
    if (known !== undefined) return known;
    const made = this.#loadIndex(layer, call);
    this.#indexes.set(layer.diffId, made);
    made.catch(() => this.#indexes.delete(layer.diffId));
    return made;
  }

  /** Creates a transform for a layer's blob. It lists the layer and fails if its digest is not the diffId. */
  tap(blob: Descriptor, diffId: Digest): Transform {
    return createLayerTap(blob, diffId, (index) => this.remember({ blob, diffId }, index));
  }

  /** Returns the merged view of layers, lowest first. It can be read as long as the layers are in the store. */
  async tree(layers: readonly Layer[], call: Call): Promise<FileTree> {
    const indexes = await Promise.all(layers.map((layer) => this.index(layer, call)));
    return createLayeredTree(indexes, {
      locate: (held) => this.#locate(layers[held.layer]!, held),
      digest: (held) => this.#digestOf(layers[held.layer]!, held),
    });
  }

  /** Removes everything derived from a layer: its listing, the digests of its files, its uncompressed form. */
  forget(diffId: Digest): void {
    this.#indexes.delete(diffId);
    this.#digests.forget(diffId);
    const { directory, scratch } = this.#options;
    for (const file of [layerFile(directory, diffId), join(scratch, 'layers', `${encodedOf(diffId)}.tar`)])
      removeTree(file);
  }

  /** Returns true if two layers differ only in times. Compares the content of files only if the listings are equal. */
  async sameButTimes(one: Layer, other: Layer, call: Call): Promise<boolean> {
    if (one.diffId === other.diffId) return true;
    const [first, second] = await Promise.all([this.index(one, call), this.index(other, call)]);
    if (!sameListingButTimes(first, second)) return false;
    for (const entry of first.entries()) {
      if (entry.type !== 'file' || first.outsideLink(entry.path) !== undefined) continue;
      const places = [
        await this.#locate(one, { layer: 0, index: first, entry }),
        await this.#locate(other, { layer: 0, index: second, entry }),
      ] as const;
      if (!(await sameContent(entry, ...places))) return false;
    }
    return true;
  }

  /** Unpacks a layer into a directory and stores its listing. */
  async unpack(layer: Layer, target: ApplyTarget, call: Call): Promise<void> {
    const applier = new LayerApplier(target);
    const scan = new LayerScan([applier]);
    try {
      const index = await this.#scanLayer(layer, scan, call);
      applier.finish();
      this.remember(layer, index);
    } finally {
      applier.close();
    }
  }

  async #loadIndex(layer: Layer, call: Call): Promise<LayerIndex> {
    const kept = readIndexFile(this.#options.directory, layer.diffId);
    if (kept !== undefined) return kept;
    const index = await this.#scanLayer(layer, new LayerScan(), call);
    writeIndexFile(this.#options.directory, index);
    return index;
  }

  /** Adds the layer as a suspect to every error, because any error can come from a damaged layer. */
  async #scanLayer(layer: Layer, scan: LayerScan, call: Call): Promise<LayerIndex> {
    try {
      await scan.readAll(await this.#openPlain(layer, call), call);
      return scan.finish(layer.diffId);
    } catch (error) {
      throw withSuspect(suspectIn(layer), error);
    }
  }

  async #openPlain(layer: Layer, call: Call): Promise<Readable> {
    await this.#options.remote?.ensure(layer, call);
    return openPlainBytes(await this.#options.store.open(layer.blob, call), layer.blob.mediaType);
  }

  #locate(layer: Layer, { index, entry }: Held): FileLocation | Promise<FileLocation> {
    const bytes = index.inline(entry.path);
    if (bytes !== undefined) return { kind: 'bytes', bytes };
    if (entry.size === 0) return { kind: 'bytes', bytes: new Uint8Array(0) };
    const { offset = 0, size } = entry;
    const proof: ContentProof = { crc: entry.crc ?? 0, diffId: index.diffId };
    const file = this.#plainFile(layer);
    if (typeof file === 'string') return { kind: 'host', file, offset, size, proof };
    return file.then((file) => ({ kind: 'host', file, offset, size, proof }));
  }

  #digestOf(layer: Layer, held: Held): Digest | Promise<Digest> {
    return this.#digests.get(layer.diffId, held.entry.offset ?? 0) ?? this.#computeDigest(layer, held);
  }

  async #computeDigest(layer: Layer, held: Held): Promise<Digest> {
    return this.#digests.compute(layer.diffId, held.entry, await this.#locate(layer, held));
  }

  /** Returns a file with the uncompressed layer: a blob of the store, or a file that is decompressed first. */
  #plainFile(layer: Layer): string | Promise<string> {
    const { store, scratch, remote } = this.#options;
    const fetching = remote?.ensure(layer, createQuietCall());
    if (fetching !== undefined) return fetching.then(() => this.#plainFile(layer));
    if (compressionOf(layer.blob.mediaType) === 'uncompressed') return store.blobPath(layer.blob.digest);
    const form = store.formsOf(layer.diffId).find(({ compression }) => compression === 'uncompressed');
    if (form !== undefined && existsSync(store.blobPath(form.blob.digest))) return store.blobPath(form.blob.digest);
    const file = join(scratch, 'layers', `${encodedOf(layer.diffId)}.tar`);
    if (existsSync(file)) return file;
    const running = this.#plainFiles.get(layer.diffId) ?? this.#decompress(layer, file);
    this.#plainFiles.set(layer.diffId, running);
    return running.finally(() => this.#plainFiles.delete(layer.diffId));
  }

  async #decompress(layer: Layer, file: string): Promise<string> {
    mkdirSync(join(this.#options.scratch, 'layers'), { recursive: true, mode: 0o700 });
    try {
      await writePlainFile(await this.#openPlain(layer, createQuietCall()), layer.diffId, file);
    } catch (error) {
      throw withSuspect(suspectIn(layer), error);
    }
    return file;
  }
}

function suspectIn({ diffId, blob }: Layer): Suspect {
  return { kind: 'layer', diffId, blob: blob.digest };
}
