/** Collects the blobs of an image in the store, to save it unchanged. */
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

/** What saving needs of the store. */
export interface StoredBlobs {
  has(descriptor: Descriptor): Promise<boolean>;
  readSmall(descriptor: Descriptor): Uint8Array;
  blobPath(digest: Digest): string;
}

interface StoredImageOptions {
  readonly names: readonly string[];
  readonly platform: Platform;
}

/**
 * Collects an image. Of an index only platforms whose manifests are in the store are included; `platform` selects the
 * image for a loader that takes only one. Throws `not-found` if a blob of a stored manifest is missing.
 */
export async function storedImage(
  store: StoredBlobs,
  target: Descriptor,
  { names, platform }: StoredImageOptions,
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

/** A blob to copy from the store. */
export function storedBlob(store: Pick<StoredBlobs, 'blobPath'>, { digest, size }: Descriptor): ArchivedBlob {
  return { digest, size, source: { kind: 'file', path: store.blobPath(digest) } };
}

/** One blob of an image, and its parsed content if it is a manifest. */
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
    throw new MkimageError('not-found', `save image: blob ${blob.digest} is not in the store`, {
      hint: 'pull the image to fetch all of it',
    });
  }
  return [{ descriptor, manifest }, ...blobs.map((blob) => ({ descriptor: blob }))];
}

async function presentParts(store: StoredBlobs, node: ManifestNode): Promise<readonly Part[]> {
  try {
    return await partsOf(store, node);
  } catch (error) {
    // Only the manifest of this platform was looked up: its layers were never fetched.
    if (isMkimageError(error, 'not-found')) return [];
    throw error;
  }
}
