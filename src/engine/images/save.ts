import { resolve } from 'node:path';
import type { SaveRequest } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { type ArchivedImage, storedImage, writeImages } from '../../exporter/index.ts';
import type { Descriptor } from '../../oci/index.ts';
import { type EngineCall, outputOf } from '../call.ts';
import { type MendServices, withBlame } from '../state/index.ts';
import { selectPlatforms } from './platforms.ts';
import { findImage, type ImageStoreServices } from './stored-images.ts';

export interface SaveServices extends ImageStoreServices, MendServices {}

const STEP = 'save/0';

/** Writes images into one archive that is both an OCI layout and a docker-archive. Throws `not-found`, `usage`, `store`. */
export async function saveImages(services: SaveServices, request: SaveRequest, call: EngineCall): Promise<void> {
  if (request.images.length === 0) throw new MkimageError('usage', 'save image: no image is given');
  await using _lease = await services.store.lease();
  const images = await Promise.all(listWanted(services, request).map((wanted) => collect(services, wanted)));
  const dest = request.dest === '-' ? '-' : resolve(call.cwd, request.dest);
  const target = { dest, stdout: () => outputOf(call), step: STEP };
  const blobs = images.flatMap((image) => image.blobs.map(({ digest }) => digest));
  await withBlame(services, () => writeImages(images, target, call), { call, others: blobs });
}

interface Wanted {
  readonly target: Descriptor;
  readonly names: readonly string[];
}

/** Returns each image once, with all its requested names. */
function listWanted(services: ImageStoreServices, { images, platforms = [] }: SaveRequest): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const text of images) {
    const { entries, name } = findImage(services, text);
    const entry = entries.find((candidate) => candidate.name === name) ?? entries[0];
    const names = entry.name === name && name !== undefined ? [name] : [];
    const target = selectPlatforms(services, { target: entry.target, name: text, platforms });
    const before = wanted.get(target.digest)?.names ?? [];
    wanted.set(target.digest, { target, names: [...new Set([...before, ...names])] });
  }
  return [...wanted.values()];
}

function collect({ store, config }: ImageStoreServices, { target, names }: Wanted): Promise<ArchivedImage> {
  return storedImage(store, target, { names, platform: config.platform });
}
