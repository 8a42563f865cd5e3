import type { ImportImageRequest, NewImageResult } from '../../../api/index.ts';
import { formatTime } from '../../../container/index.ts';
import { throwIfCancelled } from '../../../errors.ts';
import { completePlatform, type ImageConfig, type Layer, MEDIA_TYPE } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';
import { readPlainTar } from '../archive/plain-tar.ts';
import { applyChanges } from './apply-changes.ts';
import { storeImage } from './new-image.ts';

/** Makes an image of one layer of a tar, plain or compressed. Throws `invalid-archive`, `limit`, `usage`. */
export async function importImage(
  services: Services,
  { tar, ...request }: ImportImageRequest & { readonly tar: AsyncIterable<Uint8Array> },
  call: Call,
): Promise<NewImageResult> {
  const platform = completePlatform(request.platform ?? {}, services.config.platform);
  const config = applyChanges({}, request.changes, platform);
  await using _lease = await services.store.lease();
  const layer = await storeTar(services, tar, call);
  const created = formatTime(services.config.clock());
  const { os, architecture, variant } = platform;
  const image: ImageConfig = {
    created,
    architecture,
    os,
    ...(variant !== undefined && { variant }),
    config,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, comment: request.message ?? `Imported from ${request.source}` }],
  };
  return await storeImage(services, { config: image, layers: [layer] }, request.reference);
}

/** The archive is read once more for its listing, which verifies it. */
async function storeTar({ store, catalog }: Services, tar: AsyncIterable<Uint8Array>, call: Call): Promise<Layer> {
  await using blob = store.create();
  for await (const chunk of readPlainTar(tar)) {
    throwIfCancelled(call.signal);
    blob.write(chunk);
  }
  const { digest, size } = await blob.commit();
  const layer: Layer = { diffId: digest, blob: { mediaType: MEDIA_TYPE.layer, digest, size } };
  await catalog.index(layer, call);
  return layer;
}
