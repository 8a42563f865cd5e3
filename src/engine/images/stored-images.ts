/** Shared by the verbs on images: lists the images of the store with their IDs, and finds one by name or ID. */
import { MkimageError, readOrUndefined } from '../../errors.ts';
import {
  type Descriptor,
  type Digest,
  formatFamiliarName,
  type Layer,
  normalizeName,
  type Platform,
  parseReference,
} from '../../oci/index.ts';
import { type ImageManifest, platformsOf, readImage, type Store } from '../../store/index.ts';

/** What these verbs need. */
export interface ImageStoreServices {
  readonly store: Store;
  readonly config: { readonly platform: Platform };
}

/** One name (or none) of one image. */
export interface ListedImage {
  readonly name: string | undefined;
  readonly target: Descriptor;
  /** The image ID as in Docker: the digest of the config; the digest of the target if no manifest is stored. */
  readonly id: Digest;
  /** Of an index: the image for this machine, otherwise the first stored one; undefined if none is stored. */
  readonly image: ImageManifest | undefined;
}

/** One image with all its names. */
export interface FoundImage {
  readonly id: Digest;
  /** Every entry with this ID: at least one. */
  readonly entries: readonly [ListedImage, ...ListedImage[]];
  /** The name in the request, or undefined if the request has an ID. */
  readonly name: string | undefined;
}

/** Returns all entries of `index.json`. */
export function listedImages({ store, config }: ImageStoreServices): readonly ListedImage[] {
  return store.list().map(({ name, target }) => {
    const image = readableImage(store, target, config.platform);
    return { name, target, id: image?.manifest.config.digest ?? target.digest, image };
  });
}

/**
 * Finds an image by name, by `repository@digest`, by its ID or digest, or by a prefix of these. A name takes
 * precedence over an equal ID prefix. Throws `not-found`, and `usage` if the prefix fits several images.
 */
export function findImage(services: ImageStoreServices, text: string): FoundImage {
  const images = listedImages(services);
  const name = readOrUndefined(() => normalizeName(text));
  const named = name === undefined ? undefined : services.store.resolve(name);
  if (named !== undefined) {
    const entry = images.find(({ name, target }) => name === named.name && target.digest === named.target.digest)!;
    return foundImage(images, entry.id, name);
  }
  const ids = idsLike(images, text);
  if (ids.length === 1) return foundImage(images, ids[0]!, undefined);
  if (ids.length > 1)
    throw new MkimageError('usage', `find image: \`${text}\` is the start of ${ids.length} image IDs`);
  throw new MkimageError('not-found', `find image: \`${text}\` not found`, { hint: hintFor(images) });
}

/** Returns the stored manifest of an image. Throws `not-found` if no content is stored. */
export function imageOf(found: FoundImage): ImageManifest {
  const [{ image, target }] = found.entries;
  if (image !== undefined) return image;
  throw new MkimageError('not-found', `read image: no content of ${target.digest} is in the store`, {
    hint: 'pull or load it again',
  });
}

/** Returns the names of an image in familiar form, in the order of `entries`. */
export function familiarNames(entries: readonly ListedImage[]): readonly string[] {
  return entries.flatMap(({ name }) => (name === undefined ? [] : [formatFamiliarName(parseReference(name))]));
}

/** Returns the size of a layer: uncompressed if it is stored plain, otherwise as stored. */
export function layerSize(store: Store, { diffId, blob }: Layer): number {
  const plain = store.formsOf(diffId).find(({ compression }) => compression === 'uncompressed');
  return plain?.blob.size ?? blob.size;
}

/** Returns the size of all layers of an image in bytes. */
export function imageSize(store: Store, image: ImageManifest | undefined): number {
  return (image?.layers ?? []).reduce((sum, layer) => sum + layerSize(store, layer), 0);
}

function foundImage(images: readonly ListedImage[], id: Digest, name: string | undefined): FoundImage {
  const [first, ...rest] = images.filter((image) => image.id === id);
  return { id, entries: [first!, ...rest], name };
}

/** Returns IDs of images whose ID or digest starts with the text. */
function idsLike(images: readonly ListedImage[], text: string): readonly Digest[] {
  const hex = text.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{1,64}$/.test(hex)) return [];
  const start = `sha256:${hex}`;
  const fitting = images.filter(({ id, target }) => id.startsWith(start) || target.digest.startsWith(start));
  return [...new Set(fitting.map(({ id }) => id))];
}

function readableImage(store: Store, target: Descriptor, platform: Platform): ImageManifest | undefined {
  const wanted = readOrUndefined(() => readImage(store, target, platform));
  if (wanted !== undefined) return wanted;
  for (const descriptor of readOrUndefined(() => platformsOf(store, target)) ?? []) {
    const found = readOrUndefined(() => readImage(store, descriptor, platform));
    if (found !== undefined) return found;
  }
  return undefined;
}

function hintFor(images: readonly ListedImage[]): string {
  const names = familiarNames(images);
  if (names.length === 0) return 'the store has no images; build, load or pull one';
  const shown = names.slice(0, 5).map((name) => `\`${name}\``);
  return `the store has ${shown.join(', ')}${names.length > 5 ? ' and others' : ''}`;
}
