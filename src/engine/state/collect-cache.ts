/**
 * The bound on what the build cache takes: unpacked layers first, which are made again in a moment; then images without a name
 * and records of steps, the longest unused first, with their layers. Nothing that a named image needs is of the cache.
 */
import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cache, CacheKey } from '../../cache/index.ts';
import { isMkimageError } from '../../errors.ts';
import type { ChainId, Digest } from '../../oci/index.ts';
import type { Snapshotter, UnpackedChain } from '../../snapshot/index.ts';
import type { Collect, Store } from '../../store/index.ts';
import { cachedLayers } from './kept-layers.ts';
import { liveLayers } from './live-layers.ts';

export interface CollectServices {
  readonly store: Store;
  readonly cache: Cache;
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly config: { readonly root: string; readonly keepStorage: number | undefined };
}

export interface Collected {
  readonly images: readonly Digest[];
  readonly records: number;
  readonly blobs: number;
  readonly bytes: number;
}

const NOTHING: Collected = { images: [], records: 0, blobs: 0, bytes: 0 };
const LEAST_DEFAULT = 5e9;
const DEFAULT_SHARE = 0.1;
/** Goes below the limit by a tenth, so that not every build has to collect. */
const GOAL = 0.9;

/** A tenth of the disk, and 5 GB at least, where nobody set a limit. */
export function cacheLimit({ root, keepStorage }: CollectServices['config']): number {
  if (keepStorage !== undefined) return keepStorage;
  const { blocks, bsize } = statfsSync(root);
  return Math.max(LEAST_DEFAULT, blocks * bsize * DEFAULT_SHARE);
}

/**
 * To be called when a build has done work and holds nothing any more. Reads one small file for each unpacked layer and asks for the
 * size of each blob; walks no tree. Where another build runs, that one will collect.
 */
export async function collectAfterBuild(services: CollectServices): Promise<void> {
  const limit = cacheLimit(services.config);
  if (limit === Number.POSITIVE_INFINITY || (await cacheSize(services)) <= limit) return;
  try {
    await services.store.exclusively((collect) => shrinkCache(services, limit * GOAL, collect, 0), 0);
  } catch (error) {
    if (!isMkimageError(error, 'in-use')) throw error;
  }
}

/** Removes from the cache until it takes no more than so many bytes. To be called while no build runs. */
export async function shrinkCache(
  services: CollectServices,
  goal: number,
  collect: Collect,
  patienceMs: number,
): Promise<Collected> {
  let over = (await cacheSize(services)) - goal;
  if (over <= 0) return NOTHING;
  const unpacked = await removeUnpacked(services, over, patienceMs);
  over -= unpacked;
  if (over <= 0) return { ...NOTHING, bytes: unpacked };
  const images = await forgetUnnamed(services.store);
  const records = forgetRecords(services, over);
  const kept = cachedLayers(services.cache);
  const freed = await collect((digest) => kept.has(digest));
  return { images, records, blobs: freed.blobs, bytes: unpacked + freed.bytes };
}

async function cacheSize(services: CollectServices): Promise<number> {
  const unpacked = (await unpackedChains(services)).reduce((sum, { bytes }) => sum + bytes, 0);
  const named = namedContent(services.store);
  let blobs = 0;
  for (const { digest, diskBytes } of services.store.blobs()) if (!named.has(digest)) blobs += diskBytes;
  return unpacked + blobs;
}

/** What images with a name need, and every form of their layers. */
function namedContent(store: Store): ReadonlySet<Digest> {
  const images = store.list().filter(({ name }) => name !== undefined);
  const { blobs, diffIds } = liveLayers(store, images);
  const forms = [...diffIds].flatMap((diffId) => store.formsOf(diffId).map(({ blob }) => blob.digest));
  return new Set([...blobs, ...diffIds, ...forms]);
}

async function unpackedChains({ config, snapshotter }: CollectServices): Promise<readonly UnpackedChain[]> {
  if (!existsSync(join(config.root, 'snapshots-v1'))) return [];
  return [...(await snapshotter()).usage()];
}

/** The longest unused first, until enough is free. */
async function removeUnpacked(services: CollectServices, over: number, patienceMs: number): Promise<number> {
  const doomed = new Set<ChainId>();
  let free = 0;
  for (const { chain, bytes } of (await unpackedChains(services)).toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (free >= over) break;
    doomed.add(chain);
    free += bytes;
  }
  if (doomed.size === 0) return 0;
  return (await services.snapshotter()).prune((chain) => !doomed.has(chain), patienceMs);
}

async function forgetUnnamed(store: Store): Promise<readonly Digest[]> {
  const unnamed = store.list().filter(({ name }) => name === undefined);
  for (const { target } of unnamed) await store.removeDangling(target.digest);
  return unnamed.map(({ target }) => target.digest);
}

/** Forgets records, the longest unused first, until the layers that no other record or image needs are enough. */
function forgetRecords({ store, cache }: CollectServices, over: number): number {
  const records = [...cache.records()].toSorted((a, b) => a.usedAt - b.usedAt);
  const named = namedContent(store);
  const users = new Map<Digest, number>();
  for (const { record } of records) count(users, record.layer?.diffId, 1);
  const forgotten: CacheKey[] = [];
  let free = 0;
  for (const { key, record } of records) {
    if (free >= over) break;
    cache.remove(key);
    forgotten.push(key);
    const diffId = record.layer?.diffId;
    if (count(users, diffId, -1) > 0 || diffId === undefined || named.has(diffId)) continue;
    free += store.formsOf(diffId).reduce((sum, { blob }) => sum + blob.size, 0);
  }
  if (forgotten.length > 0) cache.sweep();
  return forgotten.length;
}

function count(users: Map<Digest, number>, diffId: Digest | undefined, change: number): number {
  if (diffId === undefined) return 0;
  const now = (users.get(diffId) ?? 0) + change;
  users.set(diffId, now);
  return now;
}
