import type { ContentSource } from '../../../content/index.ts';
import { isMkimageError, MkimageError } from '../../../errors.ts';
import type { Descriptor } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import type { Registry } from '../../../registry/index.ts';
import type { Store } from '../../../store/index.ts';
import type { LayerOrigins } from '../../layer-origins.ts';

export interface LayerSourceServices {
  readonly store: Pick<Store, 'has' | 'open'>;
  readonly registry: Registry;
  readonly origins: LayerOrigins;
}

/** The bytes of layers: from the store, otherwise from a repository that had the layer. Nothing is fetched before it is opened. */
export function openLayerSource(services: LayerSourceServices): ContentSource {
  return {
    open: async (blob, call) =>
      (await services.store.has(blob)) ? services.store.open(blob, call) : openElsewhere(services, blob, call),
  };
}

async function openElsewhere({ registry, origins }: LayerSourceServices, blob: Descriptor, call: Call) {
  let cause: unknown;
  for (const origin of origins.originsOf(blob.digest)) {
    try {
      return await registry.repository(origin).open(blob, call);
    } catch (error) {
      if (isMkimageError(error, 'cancelled')) throw error;
      cause = error;
    }
  }
  throw new MkimageError('not-found', `read layer \`${blob.digest}\`: it is not in the store and cannot be fetched`, {
    cause,
    hint: 'build, load or pull the image again',
  });
}
