/**
 * `mkimage store check`: reads and verifies everything in the store. Damaged data can be removed, because it can be
 * made again.
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckStoreRequest, DamagedThing, StoreCheck, StoredKind } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { removeTree } from '../../host/index.ts';
import { type Descriptor, type Digest, digestOf, MAX_JSON_BYTES } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { Store } from '../../store/index.ts';
import { FOLDERS } from '../folders.ts';
import { liveLayers } from './live-layers.ts';
import { type CheckServices, type Proof, storedProofs } from './stored-proofs.ts';

/**
 * Reads the whole store once. With `repair`, removes damaged data and writes `index.json` again from its copy; then
 * throws `in-use` while a build runs.
 */
export async function checkStore(
  services: CheckServices,
  { repair }: CheckStoreRequest,
  call: Call,
): Promise<StoreCheck> {
  const { store } = services;
  if (repair) return store.exclusively(() => checkNow(services, true, call), 0);
  await using _lease = await store.lease();
  return await checkNow(services, false, call);
}

async function checkNow(services: CheckServices, repair: boolean, call: Call): Promise<StoreCheck> {
  // Collected before anything is removed.
  const needs = imagesByContent(services.store);
  const checked: Partial<Record<StoredKind, number>> = {};
  const damaged: DamagedThing[] = [];
  for await (const proof of storedProofs(services)) {
    checked[proof.kind] = (checked[proof.kind] ?? 0) + 1;
    if (await proof.holds(call.signal)) continue;
    const images = proof.digest === undefined ? [] : (needs.get(proof.digest) ?? []);
    if (repair) await removeIt(services, proof);
    damaged.push({ kind: proof.kind, path: proof.path, images, repaired: repair });
  }
  return { checked, damaged, unread: unreadIn(services.config.root) };
}

function unreadIn(root: string): StoreCheck['unread'] {
  return Object.values(FOLDERS).flatMap(({ path, check }) =>
    check.kind === 'none' && existsSync(join(root, path)) ? [{ path, why: check.why }] : [],
  );
}

async function removeIt({ config }: CheckServices, { path, repair }: Proof): Promise<void> {
  if (repair !== undefined) await repair();
  else removeTree(join(config.root, path));
}

/** Returns which named images need which content, as far as their manifests and configs can be read. */
function imagesByContent(store: Store): ReadonlyMap<Digest, readonly string[]> {
  const needs = new Map<Digest, string[]>();
  for (const image of store.list()) {
    if (image.name === undefined) continue;
    const { blobs, diffIds } = liveLayers({ readSmall: (descriptor) => readOnly(store, descriptor) }, [image]);
    for (const digest of new Set([...blobs, ...diffIds])) {
      needs.set(digest, [...(needs.get(digest) ?? []), image.name]);
    }
  }
  return needs;
}

/** As `readSmall`, but without removing damaged blobs. */
function readOnly(store: Store, { digest }: Descriptor): Uint8Array {
  const path = store.blobPath(digest);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile() || statSync(path).size > MAX_JSON_BYTES)
    throw new MkimageError('not-found', `read blob: ${digest} is not in the store`);
  const bytes = readFileSync(path);
  if (digestOf(bytes) !== digest) throw new MkimageError('integrity', `read blob: ${digest} is damaged`);
  return bytes;
}
