import { pipeline, Transform } from 'node:stream';
import { MkimageError } from '../../errors.ts';
import {
  type Compression,
  compressionOf,
  type Descriptor,
  type Digest,
  familiarName,
  isForeignLayer,
  type Layer,
  parseReference,
  type ResolvedImage,
} from '../../oci/index.ts';
import type { Call, StepId } from '../../progress.ts';
import type { ImageServices } from './resolve-image.ts';

export interface LayerServices extends ImageServices {
  /**
   * What a layer's bytes pass through on their way into the store: it verifies the diffId (and fails the transfer) and may
   * index the layer at the same time.
   */
  readonly tapLayer: (blob: Descriptor, diffId: Digest) => Transform | Promise<Transform>;
}

/** BuildKit's bound on transfers from one registry. */
const TRANSFERS = 4;
const REPORT_EVERY = 1024 * 1024;

/**
 * Fetches the layers that the store does not have, several at once; each is verified against its descriptor and its diffId while
 * it streams. The first failure stops the others. Progress is reported under `step`.
 */
export async function fetchLayers(
  services: LayerServices,
  image: ResolvedImage,
  step: StepId,
  call: Call,
): Promise<void> {
  const missing = await missingLayers(services, image);
  if (missing.length === 0) return;
  for (const { blob } of missing) readableAs(image, blob);

  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(TRANSFERS);
  const stop = new AbortController();
  const bounded = { ...call, signal: AbortSignal.any([call.signal, stop.signal]) };
  const transfers = missing.map((layer) => limit(() => fetchLayer(services, image, layer, step, bounded)));
  try {
    await Promise.all(transfers);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(transfers);
    throw error;
  }
}

/** Each blob once, even if the image has the layer several times. */
async function missingLayers({ store }: LayerServices, { layers }: ResolvedImage): Promise<readonly Layer[]> {
  const distinct = new Map(layers.map((layer) => [layer.blob.digest, layer]));
  const held = await Promise.all(
    [...distinct.values()].map(async (layer) => ({ layer, has: await store.has(layer.blob) })),
  );
  return held.filter(({ has }) => !has).map(({ layer }) => layer);
}

async function fetchLayer(
  { store, registry, tapLayer }: LayerServices,
  image: ResolvedImage,
  { blob, diffId }: Layer,
  step: StepId,
  call: Call,
): Promise<void> {
  const source = await orForeignHint(blob, registry.repository(parseReference(image.reference)).open(blob, call));
  const tap = await tapLayer(blob, diffId);
  // Failures reach the sink as the error of the last stream; there is nothing to add here.
  pipeline(source, progressOf(blob, step, call), tap, () => {});
  await store.put(blob, tap, call);
  store.addForm(diffId, { compression: readableAs(image, blob), blob, recipe: 'foreign' });
}

/** Counts bytes as they pass; a report a mebibyte, and one at the end. */
function progressOf(blob: Descriptor, step: StepId, call: Call): Transform {
  const item = blob.digest.slice(0, 'sha256:'.length + 12);
  const report = (current: number, done: boolean) =>
    call.report({ type: 'step-progress', step, item, current, total: blob.size, unit: 'bytes', done });
  let current = 0;
  let reported = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      current += chunk.length;
      if (current - reported >= REPORT_EVERY && current < blob.size) {
        reported = current;
        report(current, false);
      }
      done(null, chunk);
    },
    flush(done) {
      report(current, true);
      done();
    },
  });
}

function readableAs({ reference }: ResolvedImage, { mediaType }: Descriptor): Compression {
  const compression = compressionOf(mediaType);
  if (compression !== undefined) return compression;
  const name = familiarName(parseReference(reference));
  throw new MkimageError(
    'unsupported',
    `pull \`${name}\`: a layer of type \`${mediaType.slice(0, 100)}\` cannot be read`,
  );
}

/** A registry may hold a foreign layer all the same; the `urls` that say where else it is are never followed (CVE-2020-15157). */
async function orForeignHint<T>(blob: Descriptor, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!isForeignLayer(blob.mediaType)) throw error;
    throw new MkimageError(
      'unsupported',
      `fetch layer \`${blob.digest}\`: the registry does not hold this foreign layer`,
      {
        cause: error,
        hint: 'addresses outside the registry are never followed; use an image whose layers are all in the registry',
      },
    );
  }
}
