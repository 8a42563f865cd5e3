/**
 * Garbage collection in three steps:
 *   1. mark all content of the images in index.json: indexes, manifests, configs, layers
 *   2. mark every form of the layers in use
 *   3. delete the blobs that are not marked and not kept by the caller, and the records of unused layers
 */
import type { Descriptor, Digest } from '../oci/index.ts';
import type { Freed, StoredBlob, StoredForm } from './index.ts';
import { reachedFrom } from './reach.ts';
import type { SmallBlobs } from './small-blobs.ts';

/** The part of a store that the collector needs. */
export interface Collectable extends SmallBlobs {
  readonly roots: readonly Descriptor[];
  blobs(): Iterable<StoredBlob>;
  remove(digest: Digest): void;
  layersWithForms(): readonly Digest[];
  formsOf(diffId: Digest): readonly StoredForm[];
  dropForms(diffId: Digest): void;
}

export function collectGarbage(store: Collectable, keep: (digest: Digest) => boolean): Freed {
  const reached = reachedFrom(store.roots, store);
  const diffIds = new Set(reached.stacks.flat());
  const marked = new Set(reached.blobs);
  for (const diffId of store.layersWithForms()) {
    const forms = store.formsOf(diffId);
    const inUse = diffIds.has(diffId) || keep(diffId) || forms.some(({ blob }) => marked.has(blob.digest));
    if (inUse) for (const { blob } of forms) marked.add(blob.digest);
    else store.dropForms(diffId);
  }
  return sweep(store, (digest) => marked.has(digest) || diffIds.has(digest) || keep(digest));
}

function sweep(store: Collectable, isWanted: (digest: Digest) => boolean): Freed {
  let blobs = 0;
  let bytes = 0;
  for (const { digest, diskBytes } of store.blobs()) {
    if (isWanted(digest)) continue;
    bytes += diskBytes;
    blobs++;
    store.remove(digest);
  }
  return { blobs, bytes };
}
