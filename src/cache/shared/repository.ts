/**
 * A shared cache in a repository of a registry: an image manifest whose config is the document. An image with an inline cache is read
 * too: its config has a member with the records, and its own layers are theirs.
 */
import type { Readable } from 'node:stream';
import { isMkimageError } from '../../errors.ts';
import {
  type Descriptor,
  formatFamiliarName,
  isReferrer,
  layersOf,
  MAX_JSON_BYTES,
  MEDIA_TYPE,
  parseConfig,
  parseManifest,
  parseManifestOrIndex,
  type Reference,
} from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { Registry } from '../../registry/index.ts';
import type { BlobContent, Publication, SharedStorage } from './index.ts';
import { composeInlineDocument, INLINE_MEMBER, type InlineImage } from './inline.ts';
import { createCacheManifest, describeDocument, findDocument } from './manifest.ts';
import { readBlob } from './read-blob.ts';

export interface RepositoryOptions {
  readonly registry: Registry;
  readonly reference: Reference;
  /** false: the media types of Docker. */
  readonly ociTypes: boolean;
}

/** An index with more images than this is read up to here. */
const MOST_IMAGES = 16;

export class RepositoryStorage implements SharedStorage {
  readonly title: string;
  readonly #options: RepositoryOptions;

  constructor(options: RepositoryOptions) {
    this.#options = options;
    this.title = `registry \`${formatFamiliarName(options.reference)}\``;
  }

  async readDocument(call: Call): Promise<Uint8Array | undefined> {
    const bytes = await this.#readManifest(this.#options.reference, call);
    if (bytes === undefined) return undefined;
    const document = findDocument(bytes);
    return document === undefined ? this.#readInline(bytes, call) : readBlob(this, document, call);
  }

  async open(blob: Descriptor, call: Call): Promise<Readable> {
    return this.#repository.open(blob, call);
  }

  async has(blob: Descriptor, call: Call): Promise<boolean> {
    return this.#repository.has(blob, call);
  }

  async put({ blob, open }: BlobContent, call: Call): Promise<void> {
    await this.#repository.put(blob, { from: { open } }, call);
  }

  async publish({ document, blobs }: Publication, call: Call): Promise<void> {
    const { registry, reference, ociTypes } = this.#options;
    const config = describeDocument(document);
    const { Readable } = await import('node:stream');
    await this.put({ blob: config, open: async () => Readable.from([document]) }, call);
    const mediaType = ociTypes ? MEDIA_TYPE.manifest : MEDIA_TYPE.dockerManifest;
    const { bytes } = createCacheManifest({ document: config, blobs, mediaType });
    await registry.putManifest(reference, { mediaType, bytes }, call);
  }

  get #repository() {
    return this.#options.registry.repository(this.#options.reference);
  }

  async #readManifest(reference: Reference, call: Call): Promise<Uint8Array | undefined> {
    try {
      return (await this.#options.registry.manifest(reference, call)).bytes;
    } catch (error) {
      if (isMkimageError(error, 'not-found')) return undefined;
      throw error;
    }
  }

  /** Reads the records of all images under the name. */
  async #readInline(bytes: Uint8Array, call: Call): Promise<Uint8Array | undefined> {
    const found = parseManifestOrIndex(bytes);
    if (found.kind === 'manifest') return composeInlineDocument(await this.#readImages([bytes], call));
    const images = found.index.manifests.filter((each) => !isReferrer(each)).slice(0, MOST_IMAGES);
    const manifests = await Promise.all(images.map((each) => this.#readChild(each, call)));
    return composeInlineDocument(
      await this.#readImages(
        manifests.flatMap((each) => each ?? []),
        call,
      ),
    );
  }

  #readChild({ digest }: Descriptor, call: Call): Promise<Uint8Array | undefined> {
    const { registry, repository } = this.#options.reference;
    return this.#readManifest({ registry, repository, digest }, call);
  }

  async #readImages(manifests: readonly Uint8Array[], call: Call): Promise<readonly InlineImage[]> {
    const images = await Promise.all(
      manifests.map(async (bytes) => {
        const manifest = parseManifest(bytes);
        if (manifest.config.size > MAX_JSON_BYTES) return [];
        const config = await readBlob(this, manifest.config, call);
        const records = (JSON.parse(config.toString('utf8')) as Record<string, unknown>)[INLINE_MEMBER];
        return records === undefined ? [] : [{ records, layers: layersOf(manifest, parseConfig(config)) }];
      }),
    );
    return images.flat();
  }
}
