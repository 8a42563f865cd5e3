/** Pushes the images of single platforms as parts of an image, which `mkimage join` completes. */
import { workSideBySide } from '../../../content/index.ts';
import {
  type BuiltDocument,
  type Descriptor,
  formatFamiliarName,
  isForeignLayer,
  parseIndex,
  parseManifest,
  type Reference,
} from '../../../oci/index.ts';
import type { Call, StepId } from '../../../progress.ts';
import type { Registry } from '../../../registry/index.ts';
import type { Store } from '../../../store/index.ts';
import { createPart, parsePartName, partTagOf } from '../parts.ts';
import { sendAgainIfMissing } from './send-again.ts';

export interface SendPartsServices {
  readonly registry: Registry;
  readonly store: Store;
}

interface SendParts {
  /** Normalized names with tags. */
  readonly names: readonly string[];
  /** Indexes, each of the image of one platform, whose content is in the store. */
  readonly indexes: readonly BuiltDocument[];
  readonly step: StepId;
}

const AT_ONCE = 4;

/** Sends each image to each name: by its digest, and as a part under a tag of its platform. Throws as `Registry`. */
export async function sendParts(
  services: SendPartsServices,
  { names, indexes, step }: SendParts,
  call: Call,
): Promise<void> {
  for (const name of names) {
    const { registry, repository, tag: whole } = parsePartName(name);
    for (const { bytes, descriptor } of indexes) {
      const { manifests, annotations = {} } = parseIndex(bytes, descriptor);
      const [entry] = manifests as readonly [Descriptor];
      const tag = partTagOf(whole, entry.platform!);
      await sendManifest(services, { entry, reference: { registry, repository, digest: entry.digest }, step }, call);
      const part = createPart(tag, { entry, annotations });
      const { mediaType } = part.descriptor;
      await services.registry.putManifest({ registry, repository, tag }, { mediaType, bytes: part.bytes }, call);
      call.report({ type: 'note', message: `pushed part ${formatFamiliarName({ registry, repository, tag })}` });
    }
  }
}

interface Destination {
  readonly reference: Reference;
  readonly step: StepId;
}

/** Sends what the manifest names, and then the manifest. What the registry has is not sent again. */
async function sendManifest(
  { registry, store }: SendPartsServices,
  { entry, reference, step }: Destination & { readonly entry: Descriptor },
  call: Call,
): Promise<void> {
  const bytes = store.readSmall(entry);
  const { config, layers } = parseManifest(bytes, entry);
  const own = [...layers.filter(({ mediaType }) => !isForeignLayer(mediaType)), config];
  const blobs = [...new Map(own.map((blob) => [blob.digest, blob])).values()];
  const repository = registry.repository(reference);
  const work = (blob: Descriptor, bounded: Call) => repository.put(blob, { from: store, step }, bounded);
  await workSideBySide(blobs, { atOnce: AT_ONCE, work }, call);
  const put = () => registry.putManifest(reference, { mediaType: entry.mediaType, bytes }, call);
  await sendAgainIfMissing(put, { blobs, repository, from: store, step }, call);
}
