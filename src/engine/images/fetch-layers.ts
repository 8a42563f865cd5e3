import type { Transform } from 'node:stream';
import { type ContentSource, copyContent, workSideBySide } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import {
  type Compression,
  compressionOf,
  type Descriptor,
  type Digest,
  formatFamiliarName,
  isForeignLayer,
  type Layer,
  parseReference,
  type ResolvedImage,
} from '../../oci/index.ts';
import type { Call, StepId } from '../../progress.ts';
import type { LayerOrigins } from '../layer-origins.ts';
import type { ImageServices } from './resolve-image.ts';

export interface LayerServices extends ImageServices {
  /**
   * Creates the stream that a layer's bytes pass through on their way into the store: it verifies the diffId (and
   * fails the transfer), and may index the layer at the same time.
   */
  readonly tapLayer: (blob: Descriptor, diffId: Digest) => Transform | Promise<Transform>;
  readonly origins: LayerOrigins;
}

/** BuildKit's limit of transfers from one registry. */
const TRANSFERS = 4;

interface LayersFetch {
  readonly image: ResolvedImage;
  readonly step: StepId;
}

/**
 * Fetches the layers that the store does not have, several at the same time. Each is verified against its descriptor
 * and its diffId while it streams. The first failure stops the others. Progress is reported under `step`.
 */
export async function fetchLayers(services: LayerServices, { image, step }: LayersFetch, call: Call): Promise<void> {
  const missing = await missingLayers(services, image);
  if (missing.length === 0) return;
  for (const { blob } of missing) readableAs(image, blob);
  const work = (layer: Layer, bounded: Call) => fetchLayer(services, { image, layer, step }, bounded);
  await workSideBySide(missing, { atOnce: TRANSFERS, work }, call);
  const { registry, repository } = parseReference(image.reference);
  if (!registry.endsWith('.invalid')) {
    services.origins.remember(
      missing.map(({ blob }) => blob.digest),
      { registry, repository },
    );
  }
}

/** Returns each missing blob once, even if the image has the layer several times. */
async function missingLayers({ store }: LayerServices, { layers }: ResolvedImage): Promise<readonly Layer[]> {
  const distinct = new Map(layers.map((layer) => [layer.blob.digest, layer]));
  const held = await Promise.all(
    [...distinct.values()].map(async (layer) => ({ layer, has: await store.has(layer.blob) })),
  );
  return held.filter(({ has }) => !has).map(({ layer }) => layer);
}

interface LayerFetch {
  readonly image: ResolvedImage;
  readonly layer: Layer;
  readonly step: StepId;
}

async function fetchLayer(
  { store, registry, tapLayer }: LayerServices,
  { image, layer: { blob, diffId }, step }: LayerFetch,
  call: Call,
): Promise<void> {
  const from = orForeignHint(registry.repository(parseReference(image.reference)));
  await copyContent(blob, { from, to: store, step, createTransform: () => tapLayer(blob, diffId) }, call);
  store.addForm(diffId, { compression: readableAs(image, blob), blob, recipe: 'foreign' });
}

function readableAs({ reference }: ResolvedImage, { mediaType }: Descriptor): Compression {
  const compression = compressionOf(mediaType);
  if (compression !== undefined) return compression;
  const name = formatFamiliarName(parseReference(reference));
  throw new MkimageError('unsupported', `pull \`${name}\`: unknown layer type \`${mediaType.slice(0, 100)}\``);
}

/** A registry may still have a foreign layer. The addresses in its `urls` are never followed (CVE-2020-15157). */
function orForeignHint(source: ContentSource): ContentSource {
  return {
    open: (blob, call) =>
      source.open(blob, call).catch((cause: unknown) => {
        throw isForeignLayer(blob.mediaType) ? foreignLayer(blob, cause) : cause;
      }),
  };
}

function foreignLayer({ digest }: Descriptor, cause: unknown): MkimageError {
  return new MkimageError('unsupported', `fetch layer \`${digest}\`: the registry does not have this foreign layer`, {
    cause,
    hint: 'addresses outside the registry are never followed; use an image whose layers are all in the registry',
  });
}
