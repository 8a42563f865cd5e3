/** What the verbs on images share: the images of the store with their IDs, and finding one by what a person types. */
import { isMkimageError, MkimageError } from '../../errors.ts';
import {
  type Descriptor,
  type Digest,
  familiarName,
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
  /** The image ID as Docker has it: the digest of the config; of the target where no manifest is here. */
  readonly id: Digest;
  /** Of an index: the one for this machine, else the first that is here; undefined if none is. */
  readonly image: ImageManifest | undefined;
}

/** One image under all of its names. */
export interface FoundImage {
  readonly id: Digest;
  /** Every entry with this ID: at least one. */
  readonly entries: readonly [ListedImage, ...ListedImage[]];
  /** How it was asked for: by this name, or (undefined) by its ID. */
  readonly name: string | undefined;
}

/** Everything `index.json` lists. */
export function listedImages({ store, config }: ImageStoreServices): readonly ListedImage[] {
  return store.list().map(({ name, target }) => {
    const image = readableImage(store, target, config.platform);
    return { name, target, id: image?.manifest.config.digest ?? target.digest, image };
  });
}

/**
 * Finds an image by name, by `repository@digest`, or by its ID, its digest or the first digits of one. A name wins over an ID
 * that looks like it. Throws `not-found`, `usage` if the digits fit several images.
 */
export function findImage(services: ImageStoreServices, text: string): FoundImage {
  const images = listedImages(services);
  const name = orUndefined(() => normalizeName(text));
  const named = name === undefined ? undefined : services.store.resolve(name);
  if (named !== undefined) {
    const entry = images.find(({ name, target }) => name === named.name && target.digest === named.target.digest)!;
    return foundImage(images, entry.id, name);
  }
  const ids = idsLike(images, text);
  if (ids.length === 1) return foundImage(images, ids[0]!, undefined);
  if (ids.length > 1)
    throw new MkimageError('usage', `find image: \`${text}\` is the start of ${ids.length} image IDs`);
  throw new MkimageError('not-found', `find image: there is no \`${text}\``, { hint: hintFor(images) });
}

/** The image behind what was found. Throws `not-found` if none of its content is here. */
export function imageOf(found: FoundImage): ImageManifest {
  const [{ image, target }] = found.entries;
  if (image !== undefined) return image;
  throw new MkimageError('not-found', `read image: nothing of ${target.digest} is in the store`, {
    hint: 'pull or load it again',
  });
}

/** The names of an image as people write them, those of `entries` in order. */
export function familiarNames(entries: readonly ListedImage[]): readonly string[] {
  return entries.flatMap(({ name }) => (name === undefined ? [] : [familiarName(parseReference(name))]));
}

/** Bytes of a layer: uncompressed if it lies here so, else as it is stored. */
export function layerSize(store: Store, { diffId, blob }: Layer): number {
  const plain = store.formsOf(diffId).find(({ compression }) => compression === 'uncompressed');
  return plain?.blob.size ?? blob.size;
}

/** Bytes of all layers of an image. */
export function imageSize(store: Store, image: ImageManifest | undefined): number {
  return (image?.layers ?? []).reduce((sum, layer) => sum + layerSize(store, layer), 0);
}

function foundImage(images: readonly ListedImage[], id: Digest, name: string | undefined): FoundImage {
  const [first, ...rest] = images.filter((image) => image.id === id);
  return { id, entries: [first!, ...rest], name };
}

/** IDs of images whose ID or digest begins so. */
function idsLike(images: readonly ListedImage[], text: string): readonly Digest[] {
  const hex = text.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{1,64}$/.test(hex)) return [];
  const start = `sha256:${hex}`;
  const fitting = images.filter(({ id, target }) => id.startsWith(start) || target.digest.startsWith(start));
  return [...new Set(fitting.map(({ id }) => id))];
}

function readableImage(store: Store, target: Descriptor, platform: Platform): ImageManifest | undefined {
  const wanted = orUndefined(() => readImage(store, target, platform));
  if (wanted !== undefined) return wanted;
  for (const descriptor of orUndefined(() => platformsOf(store, target)) ?? []) {
    const found = orUndefined(() => readImage(store, descriptor, platform));
    if (found !== undefined) return found;
  }
  return undefined;
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMkimageError(error)) return undefined;
    throw error;
  }
}

function hintFor(images: readonly ListedImage[]): string {
  const names = familiarNames(images);
  if (names.length === 0) return 'the store has no images; build, load or pull one';
  const shown = names.slice(0, 5).map((name) => `\`${name}\``);
  return `there ${names.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${names.length > 5 ? ' and others' : ''}`;
}
