/** What an image in the store consists of, as it lies there: for saving it without changing a byte. */
import { isMkimageError, MkimageError } from '../errors.ts';
import {
  type Descriptor,
  type Digest,
  fetchManifestGraph,
  type Manifest,
  type ManifestNode,
  matchPlatform,
  type Platform,
} from '../oci/index.ts';
import type { ArchivedBlob, ArchivedImage } from './image-archive.ts';

/** What is needed of the store. */
export interface StoredBlobs {
  has(descriptor: Descriptor): Promise<boolean>;
  readSmall(descriptor: Descriptor): Uint8Array;
  blobPath(digest: Digest): string;
}

/**
 * Collects an image. Of an index only those platforms come along whose manifests are in the store; `platform` says which of
 * them a loader gets that takes only one. Throws `not-found` if a blob of a present manifest is missing.
 */
export async function storedImage(
  store: StoredBlobs,
  target: Descriptor,
  names: readonly string[],
  platform: Platform,
): Promise<ArchivedImage> {
  const graph = await fetchManifestGraph(target, async (descriptor) =>
    descriptor === target || (await store.has(descriptor)) ? store.readSmall(descriptor) : undefined,
  );
  const parts = await partsOf(store, graph);
  const manifests = parts.flatMap(({ descriptor, manifest }) =>
    manifest === undefined ? [] : [{ platform: descriptor.platform, manifest }],
  );
  const chosen = matchPlatform(manifests, platform)?.manifest ?? manifests[0]?.manifest;
  return {
    target,
    names,
    blobs: parts.map(({ descriptor }) => storedBlob(store, descriptor)),
    docker: chosen && { config: chosen.config.digest, layers: chosen.layers.map(({ digest }) => digest) },
  };
}

/** A blob that is copied out of the store. */
export function storedBlob(store: Pick<StoredBlobs, 'blobPath'>, { digest, size }: Descriptor): ArchivedBlob {
  return { digest, size, source: { kind: 'file', path: store.blobPath(digest) } };
}

/** One blob of an image, and what it says if it is a manifest. */
interface Part {
  readonly descriptor: Descriptor;
  readonly manifest?: Manifest;
}

async function partsOf(store: StoredBlobs, node: ManifestNode): Promise<readonly Part[]> {
  const { descriptor } = node;
  if (node.kind === 'unread' || node.kind === 'repeated') return [];
  if (node.kind === 'index') {
    const parts = await Promise.all(node.children.map((child) => presentParts(store, child)));
    return [{ descriptor }, ...parts.flat()];
  }
  const { manifest } = node;
  const blobs = [manifest.config, ...manifest.layers];
  for (const blob of blobs) {
    if (await store.has(blob)) continue;
    throw new MkimageError('not-found', `save image: its blob ${blob.digest} is not in the store`, {
      hint: 'pull the image to have all of it',
    });
  }
  return [{ descriptor, manifest }, ...blobs.map((blob) => ({ descriptor: blob }))];
}

async function presentParts(store: StoredBlobs, node: ManifestNode): Promise<readonly Part[]> {
  try {
    return await partsOf(store, node);
  } catch (error) {
    // A platform that was only looked at, never fetched: its manifest is here and its layers are not.
    if (isMkimageError(error, 'not-found')) return [];
    throw error;
  }
}
