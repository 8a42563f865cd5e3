/** What an image in the store consists of, as it lies there: for saving it without changing a byte. */
import { isMkimageError, MkimageError } from '../errors.ts';
import {
  type Descriptor,
  type Digest,
  type ImageIndex,
  type Manifest,
  matchPlatform,
  type Platform,
  parseManifestOrIndex,
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
  const parts = await partsOf({ store, seen: new Set() }, target);
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

/** One walk through an image; what is listed twice comes along once. */
interface Walk {
  readonly store: StoredBlobs;
  readonly seen: Set<Digest>;
}

async function partsOf(walk: Walk, descriptor: Descriptor): Promise<readonly Part[]> {
  const { store, seen } = walk;
  if (seen.has(descriptor.digest)) return [];
  seen.add(descriptor.digest);
  const found = parseManifestOrIndex(store.readSmall(descriptor), descriptor);
  if (found.kind === 'index') return [{ descriptor }, ...(await partsOfIndex(walk, found.index))];
  const { manifest } = found;
  const blobs = [manifest.config, ...manifest.layers];
  for (const blob of blobs) {
    if (await store.has(blob)) continue;
    throw new MkimageError('not-found', `save image: its blob ${blob.digest} is not in the store`, {
      hint: 'pull the image to have all of it',
    });
  }
  return [{ descriptor, manifest }, ...blobs.map((blob) => ({ descriptor: blob }))];
}

async function partsOfIndex(walk: Walk, index: ImageIndex): Promise<readonly Part[]> {
  const present = await Promise.all(index.manifests.map((descriptor) => presentParts(walk, descriptor)));
  return present.flat();
}

async function presentParts(walk: Walk, descriptor: Descriptor): Promise<readonly Part[]> {
  if (!(await walk.store.has(descriptor))) return [];
  try {
    return await partsOf(walk, descriptor);
  } catch (error) {
    // A platform that was only looked at, never fetched: its manifest is here and its layers are not.
    if (isMkimageError(error, 'not-found')) return [];
    throw error;
  }
}
