/** Brings the layer of a cache into the store, in the same form that this machine would have written. */

import type { SharedForm, SharedSource } from '../../../cache/index.ts';
import { copyContent } from '../../../content/index.ts';
import { MkimageError } from '../../../errors.ts';
import { plainBlob } from '../../../exporter/index.ts';
import { compressionOf, type Layer } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';

export interface LayerOrigin {
  readonly from: SharedSource;
  readonly form: SharedForm;
}

/** Everything is verified before it is visible: the blob against its digest, the plain layer against its diffId. */
export async function fetchLayer(
  { store, tapLayer }: Pick<Services, 'store' | 'tapLayer'>,
  { layer, from, form }: LayerOrigin & { readonly layer: Layer },
  call: Call,
): Promise<void> {
  const { blob, recipe } = form;
  const compression = compressionOf(blob.mediaType);
  if (compression === undefined) {
    throw new MkimageError(
      'unsupported',
      `read layer \`${layer.diffId}\`: unknown layer type \`${blob.mediaType.slice(0, 100)}\``,
    );
  }
  const step = `cache-layer/${layer.diffId}`;
  call.report({ type: 'step-started', step, name: `[internal] fetch a layer from ${from.title}` });
  try {
    await copyContent(blob, { from, to: store, step, createTransform: () => tapLayer(blob, layer.diffId) }, call);
    if (compression !== 'uncompressed') {
      store.addForm(layer.diffId, { compression, blob, recipe });
      await plainBlob({ diffId: layer.diffId, blob }, store, call);
    }
    call.report({ type: 'step-finished', step, digest: layer.diffId });
  } catch (error) {
    call.report({ type: 'step-failed', step, error: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}
