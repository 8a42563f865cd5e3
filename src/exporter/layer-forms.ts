/** Chooses the form in which each layer is exported: as stored, as compressed earlier, or compressed now. */

import type { ImageOptions } from '../api/index.ts';
import { type CompressOptions, compressLayer, decompressStream, findRecipe } from '../compression/index.ts';
import { type BlobSink, type ContentSource, workSideBySide } from '../content/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import {
  type Compression,
  compressionOf,
  type Descriptor,
  type Digest,
  type Layer,
  toLayerMediaType,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';

/** What layer forms need of the store. */
export interface LayerBlobs extends BlobSink, ContentSource {
  blobPath(digest: Digest): string;
  formsOf(diffId: Digest): readonly LayerForm[];
  addForm(diffId: Digest, form: LayerForm): void;
}

export interface LayerForm {
  readonly compression: Compression;
  readonly blob: Descriptor;
  readonly recipe: string;
}

/** Number of layers compressed at the same time; each uses several threads. */
const AT_ONCE = 2;

interface FormContext {
  readonly store: LayerBlobs;
  readonly call: Call;
}

/**
 * Returns the blob of every layer, in the same order. A layer that is stored compressed (it came with a base) stays as
 * it is unless `force` is set. A plain layer is compressed by a recipe that always gives the same bytes, and the
 * result is remembered.
 */
export async function blobsOf(
  layers: readonly Layer[],
  wanted: Wanted,
  { store, call }: FormContext,
): Promise<readonly Descriptor[]> {
  // A layer that appears twice in one image is compressed once.
  const distinct = [...new Map(layers.map((layer) => [layer.diffId, layer])).values()];
  const work = async (layer: Layer, bounded: Call) =>
    [layer.diffId, await formOf(layer, wanted, { store, call: bounded })] as const;
  const forms = new Map(await workSideBySide(distinct, { atOnce: AT_ONCE, work }, call));
  return layers.map(({ diffId }) => forms.get(diffId)!);
}

type Wanted = Pick<ImageOptions, 'compression' | 'level' | 'force'>;

async function formOf(layer: Layer, wanted: Wanted, { store, call }: FormContext): Promise<Descriptor> {
  const { compression } = wanted;
  const stored = compressionOf(layer.blob.mediaType);
  if (compression === undefined || stored === undefined) return layer.blob;
  if (stored !== 'uncompressed' && !wanted.force) return layer.blob;
  if (compression === 'uncompressed') return plainBlob(layer, store, call);
  return compressedBlob(
    layer,
    { compression, ...(wanted.level === undefined ? {} : { level: wanted.level }) },
    { store, call },
  );
}

/**
 * Accepts only a blob made by this recipe: with another blob of the same layer the image would depend on the history
 * of the store.
 */
async function compressedBlob(
  layer: Layer,
  options: CompressOptions,
  { store, call }: FormContext,
): Promise<Descriptor> {
  const recipe = await findRecipe(options);
  const known = store.formsOf(layer.diffId).find((form) => form.recipe === recipe);
  if (known !== undefined) return known.blob;
  const plain = await plainBlob(layer, store, call);
  const made = await compressLayer(
    { file: store.blobPath(plain.digest), diffId: plain.digest },
    { ...options, sink: store },
    call,
  );
  store.addForm(layer.diffId, { compression: options.compression, ...made });
  return made.blob;
}

/** Returns the plain tar of the layer, whose digest is the diffId. */
export async function plainBlob(layer: Layer, store: LayerBlobs, call: Call): Promise<Descriptor> {
  const compression = compressionOf(layer.blob.mediaType);
  if (compression === 'uncompressed') return layer.blob;
  const known = store.formsOf(layer.diffId).find((form) => form.compression === 'uncompressed');
  return known?.blob ?? plainlyStored(layer, compression ?? 'gzip', { store, call });
}

async function plainlyStored(
  { diffId, blob }: Layer,
  compression: Compression,
  { store, call }: FormContext,
): Promise<Descriptor> {
  await using plain = store.create();
  const source = await store.open(blob, call);
  for await (const chunk of decompressStream(source, compression)) {
    throwIfCancelled(call.signal);
    plain.write(chunk as Uint8Array);
  }
  const { digest, size } = await plain.commit();
  if (digest === diffId) return { mediaType: toLayerMediaType('uncompressed'), digest, size };
  throw new MkimageError(
    'integrity',
    `decompress layer \`${blob.digest}\`: the content has digest ${digest}, but the image config says ${diffId}`,
    {
      evidence: { expected: diffId, found: digest },
    },
  );
}
