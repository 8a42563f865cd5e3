import { copyContent } from '../../content/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import {
  type Descriptor,
  fetchManifestGraph,
  formatPlatform,
  formatReference,
  isIndexType,
  isReferrer,
  layersOf,
  listGraphImages,
  MAX_JSON_BYTES,
  type Manifest,
  MEDIA_TYPE,
  matchPlatform,
  type Platform,
  parseConfig,
  parseManifest,
  parseReference,
  type Reference,
  type ResolvedImage,
} from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { Registry } from '../../registry/index.ts';
import type { Store } from '../../store/index.ts';

export interface ImageServices {
  readonly store: Store;
  readonly registry: Registry;
}

/** A name of an image as a user writes it, and what is wanted of it. */
export interface ImageQuery {
  readonly text: string;
  readonly platform: Platform;
  /**
   * Ask the registry for the current meaning of a tag, even if the store knows the name. A digest never changes its
   * meaning.
   */
  readonly pull: boolean;
}

/** The image for one platform, and the manifest or index that the name points at. */
export interface NamedImage {
  readonly name: string;
  readonly target: Descriptor;
  readonly image: ResolvedImage;
}

/**
 * Resolves a reference to its manifest and config; fetches no layers. A stored name needs no network. An image from a
 * registry is tagged, so that the next build finds it. Throws `invalid-reference`, `not-found`, and as
 * `Registry.manifest`.
 */
export async function resolveImage(services: ImageServices, query: ImageQuery, call: Call): Promise<ResolvedImage> {
  const { name, target, image } = await lookUpImage(services, query, call);
  await services.store.tag([name], target);
  return image;
}

/** As `resolveImage`, but sets no tag. */
export async function lookUpImage(
  services: ImageServices,
  { text, platform, pull }: ImageQuery,
  call: Call,
): Promise<NamedImage> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  const known = pull && reference.digest === undefined ? undefined : services.store.resolve(name)?.target;
  const target = known ?? (await fetchTarget(services, reference, call));
  return { name, target, image: await imageAt(services, { reference, target, platform }, call) };
}

interface ImageChoice {
  readonly reference: Reference;
  readonly target: Descriptor;
  readonly platform: Platform;
}

/** Returns the image for one platform of a manifest or index. Fetches what is not in the store from the registry. */
export async function imageAt(
  services: ImageServices,
  { reference, target, platform }: ImageChoice,
  call: Call,
): Promise<ResolvedImage> {
  const { descriptor, manifest } = await manifestFor(services, { reference, target, platform }, call);
  const config = parseConfig(await configBytes(services, { reference, manifest }, call));
  return { reference: formatReference(reference), manifest: descriptor, config, layers: layersOf(manifest, config) };
}

async function fetchTarget({ store, registry }: ImageServices, reference: Reference, call: Call): Promise<Descriptor> {
  const { descriptor, bytes } = await registry.manifest(reference, call);
  return store.putSmall(descriptor.mediaType, bytes);
}

/** Returns the manifest of one platform. Fetches only it and the indexes that lead to it. */
async function manifestFor(
  services: ImageServices,
  { reference, target, platform }: ImageChoice,
  call: Call,
): Promise<{ readonly descriptor: Descriptor; readonly manifest: Manifest }> {
  const name = formatReference(reference);
  const bytesOf = (descriptor: Descriptor) => manifestBytes(services, { reference, descriptor }, call);
  const graph = await fetchManifestGraph(
    target,
    async (descriptor) => (descriptor === target || isWayTo(platform, descriptor) ? bytesOf(descriptor) : undefined),
    { refuse: (detail) => new MkimageError('unsupported', `resolve \`${name}\`: ${detail}`) },
  );
  if (graph.kind === 'manifest') return graph;
  const images = listGraphImages(graph);
  const descriptor = matchPlatform(images, platform) ?? notOffered(images, platform, name);
  return { descriptor, manifest: parseManifest(await bytesOf(descriptor), descriptor) };
}

function isWayTo(platform: Platform, descriptor: Descriptor): boolean {
  if (!isIndexType(descriptor.mediaType) || isReferrer(descriptor)) return false;
  return descriptor.platform === undefined || matchPlatform([descriptor], platform) !== undefined;
}

function notOffered(images: readonly Descriptor[], platform: Platform, name: string): never {
  const offered = images.flatMap((image) => (image.platform === undefined ? [] : [formatPlatform(image.platform)]));
  throw new MkimageError('not-found', `resolve \`${name}\`: no image for ${formatPlatform(platform)}`, {
    hint:
      offered.length === 0 ? 'its index has no platforms' : `available platforms: ${offered.slice(0, 12).join(', ')}`,
  });
}

interface ManifestFetch {
  readonly reference: Reference;
  readonly descriptor: Descriptor;
}

async function manifestBytes(
  { store, registry }: ImageServices,
  { reference: { registry: host, repository }, descriptor }: ManifestFetch,
  call: Call,
): Promise<Uint8Array> {
  const stored = readStored(store, descriptor);
  if (stored !== undefined) return stored;
  const fetched = await registry.manifest({ registry: host, repository, digest: descriptor.digest }, call);
  if (fetched.descriptor.size !== descriptor.size) {
    const found = `${fetched.descriptor.size} bytes, but the index says ${descriptor.size}`;
    throw new MkimageError('integrity', `fetch manifest \`${descriptor.digest}\`: it has ${found}`);
  }
  store.putSmall(descriptor.mediaType, fetched.bytes);
  return fetched.bytes;
}

interface ConfigFetch {
  readonly reference: Reference;
  readonly manifest: Manifest;
}

async function configBytes(
  { store, registry }: ImageServices,
  { reference, manifest: { config } }: ConfigFetch,
  call: Call,
): Promise<Uint8Array> {
  const name = formatReference(reference);
  if (config.mediaType !== MEDIA_TYPE.config && config.mediaType !== MEDIA_TYPE.dockerConfig) {
    const type = `\`${config.mediaType.slice(0, 100)}\``;
    throw new MkimageError('unsupported', `resolve \`${name}\`: not a container image; it contains ${type}`);
  }
  if (config.size > MAX_JSON_BYTES) {
    throw new MkimageError('limit', `resolve \`${name}\`: its config has ${config.size} bytes`);
  }
  const stored = readStored(store, config);
  if (stored !== undefined) return stored;
  // The stored blob is damaged, so it is replaced.
  await copyContent(config, { from: registry.repository(reference), to: store, replace: true }, call);
  return store.readSmall(config);
}

/** A damaged blob counts as missing. */
function readStored(store: Store, descriptor: Descriptor): Uint8Array | undefined {
  try {
    return store.readSmall(descriptor);
  } catch (error) {
    if (isMkimageError(error, 'not-found') || isMkimageError(error, 'integrity')) return undefined;
    throw error;
  }
}
