import { createReadStream, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { LoadedImage, LoadRequest } from '../../api/index.ts';
import { createMeter } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { kindOf, readUntilCancelled } from '../../host/index.ts';
import type { ImportedImage } from '../../importer/index.ts';
import type { Call } from '../../progress.ts';
import { type EngineCall, inputOf } from '../call.ts';
import { selectPlatforms } from './platforms.ts';
import { type ImageStoreServices, listedImages } from './stored-images.ts';

const STEP = 'load/0';
const CHUNK = 1024 * 1024;

/**
 * Loads the images of an archive or layout into the store under their names. Throws `not-found`, `invalid-archive`,
 * `integrity`, `limit`.
 */
export async function loadImages(
  services: ImageStoreServices,
  { input, platforms = [] }: LoadRequest,
  call: EngineCall,
): Promise<readonly LoadedImage[]> {
  await using _lease = await services.store.lease();
  call.report({ type: 'step-started', step: STEP, name: `load ${input.kind === 'path' ? input.path : 'archive'}` });
  try {
    const archived = await read(services, input, call);
    const images = archived.map(({ names, target }) => ({
      names,
      target: selectPlatforms(services, { target, name: names[0] ?? target.digest, platforms }),
    }));
    for (const { names, target } of images) await services.store.tag(names, target);
    call.report({ type: 'step-finished', step: STEP });
    return describeLoaded(services, images);
  } catch (error) {
    call.report({ type: 'step-failed', step: STEP, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

async function read(
  { store }: ImageStoreServices,
  input: LoadRequest['input'],
  call: EngineCall,
): Promise<readonly ImportedImage[]> {
  const { importArchive, importLayout } = await import('../../importer/index.ts');
  if (input.kind === 'stdin') return importArchive(countBytes(inputOf(call, 'archive'), undefined, call), store, call);
  const path = resolve(call.cwd, input.path);
  const stat = statOf(path);
  if (stat.isDirectory()) return importLayout(path, store, call);
  const archive = await openArchive(path, stat);
  const total = stat.isFile() ? stat.size : undefined;
  return readUntilCancelled(archive, call, () => importArchive(countBytes(archive, total, call), store, call));
}

async function openArchive(path: string, stat: Stats): Promise<Readable> {
  if (stat.isFile()) return createReadStream(path, { highWaterMark: CHUNK });
  if (!stat.isFIFO()) throw new MkimageError('usage', `load image: \`${path}\` is ${kindOf(stat)}, not a file`);
  const { openPipeReader } = await import('../../host/index.ts');
  return openPipeReader(path);
}

function describeLoaded(services: ImageStoreServices, images: readonly ImportedImage[]): readonly LoadedImage[] {
  const ids = new Map(listedImages(services).map(({ target, id }) => [target.digest, id]));
  return images.map(({ names, target: { digest } }) => ({ names, digest, id: ids.get(digest) ?? digest }));
}

function countBytes(source: Readable, total: number | undefined, call: Call): Readable {
  const meter = createMeter({ step: STEP, item: 'archive', total }, call);
  source.on('error', (error) => meter.destroy(error));
  return source.pipe(meter);
}

function statOf(path: string): Stats {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) return stat;
  throw new MkimageError('not-found', `load image: no such file \`${path}\``);
}
