/**
 * Garbage collection, as a list of steps:
 *   1. mark what the images of index.json reach: indexes, manifests, configs, layers
 *   2. mark every form of the layers that are in use
 *   3. delete the blobs that are neither marked nor wanted by the caller, and the records of dead layers
 */
import { lstatSync, rmSync } from 'node:fs';
import {
  type Descriptor,
  type Digest,
  isIndexType,
  isManifestType,
  parseConfig,
  parseManifestOrIndex,
} from '../oci/index.ts';
import type { Freed, StoredForm } from './index.ts';

/** What the collector needs of a store. */
export interface Collectable {
  readonly roots: readonly Descriptor[];
  read(descriptor: Descriptor): Uint8Array;
  blobs(): Iterable<{ readonly digest: Digest; readonly path: string }>;
  layersWithForms(): readonly Digest[];
  formsOf(diffId: Digest): readonly StoredForm[];
  dropForms(diffId: Digest): void;
}

export function collectGarbage(store: Collectable, keep: (digest: Digest) => boolean): Freed {
  const marked = new Set<Digest>();
  const diffIds = new Set<Digest>();
  for (const root of store.roots) mark(store, root, marked, diffIds);
  for (const diffId of store.layersWithForms()) {
    const forms = store.formsOf(diffId);
    const inUse = diffIds.has(diffId) || keep(diffId) || forms.some(({ blob }) => marked.has(blob.digest));
    if (inUse) for (const { blob } of forms) marked.add(blob.digest);
    else store.dropForms(diffId);
  }
  return sweep(store, (digest) => marked.has(digest) || diffIds.has(digest) || keep(digest));
}

/** Content that is missing or damaged is a leaf: there is nothing to follow in it. */
function mark(store: Collectable, descriptor: Descriptor, marked: Set<Digest>, diffIds: Set<Digest>): void {
  if (marked.has(descriptor.digest)) return;
  marked.add(descriptor.digest);
  if (!isIndexType(descriptor.mediaType) && !isManifestType(descriptor.mediaType)) return;
  const found = orNothing(() => parseManifestOrIndex(store.read(descriptor)));
  if (found?.kind === 'index') for (const child of found.index.manifests) mark(store, child, marked, diffIds);
  if (found?.kind !== 'manifest') return;
  const { config, layers } = found.manifest;
  for (const blob of [config, ...layers]) marked.add(blob.digest);
  for (const diffId of orNothing(() => parseConfig(store.read(config)))?.rootfs.diff_ids ?? []) diffIds.add(diffId);
}

function sweep(store: Collectable, isWanted: (digest: Digest) => boolean): Freed {
  let blobs = 0;
  let bytes = 0;
  for (const { digest, path } of store.blobs()) {
    if (isWanted(digest)) continue;
    bytes += (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
    blobs++;
    rmSync(path, { force: true });
  }
  return { blobs, bytes };
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
