/**
 * Keeps the build cache within its limit. Removes unpacked layers first, because they can be made again quickly; then
 * downloads for ADD and contexts; then images without a name and records of steps, longest unused first, with their
 * layers. Data of named images is not part of the cache. Folders with a retention follow it in addition.
 */
import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cache, CacheKey } from '../../cache/index.ts';
import { isMkimageError } from '../../errors.ts';
import { type ChainId, type Digest, encodedOf } from '../../oci/index.ts';
import type { Log } from '../../progress.ts';
import type { Snapshotter, UnpackedChain } from '../../snapshot/index.ts';
import type { Collect, Store } from '../../store/index.ts';
import { FOLDERS } from '../folders.ts';
import { type AgedEntry, agedEntries, agedFolders, bytesOf, removeEntries } from './aged.ts';
import { isSweepDue, sweepAged } from './daily-sweep.ts';
import { cachedLayers } from './kept-layers.ts';
import { liveLayers } from './live-layers.ts';

export interface CollectServices {
  readonly store: Store;
  readonly cache: Cache;
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly config: {
    readonly root: string;
    readonly keepStorage: number | undefined;
    readonly now: () => string;
    readonly log?: Log | undefined;
  };
}

export interface Collected {
  readonly images: readonly Digest[];
  /** IDs of what was removed from the cache, including records. */
  readonly objects: readonly string[];
  readonly records: number;
  readonly blobs: number;
  readonly bytes: number;
}

const NOTHING: Collected = { images: [], objects: [], records: 0, blobs: 0, bytes: 0 };
const LEAST_DEFAULT = 5e9;
const DEFAULT_SHARE = 0.1;
/** Shrinks to a tenth below the limit, so that not every build has to collect. */
const GOAL = 0.9;

/** The default limit is a tenth of the disk, at least 5 GB. */
export function cacheLimit({ root, keepStorage }: Pick<CollectServices['config'], 'root' | 'keepStorage'>): number {
  if (keepStorage !== undefined) return keepStorage;
  const { blocks, bsize } = statfsSync(root);
  return Math.max(LEAST_DEFAULT, blocks * bsize * DEFAULT_SHARE);
}

/**
 * May be called only after a build that did work and holds nothing any more. Reads one small file for each unpacked
 * layer and the size of each blob; reads no trees. Once a day also removes what was unused for too long. If another
 * build runs, that build will collect.
 */
export async function collectAfterBuild(services: CollectServices): Promise<void> {
  const limit = cacheLimit(services.config);
  const isOver = limit !== Number.POSITIVE_INFINITY && (await isLarger(services, limit));
  const isDue = isSweepDue(services.config);
  if (!isOver && !isDue) return;
  try {
    await services.store.exclusively(async (collect) => {
      if (isDue) sweepAged(services.config);
      if (isOver)
        tellCollected(await shrinkCache(services, { goal: limit * GOAL, patienceMs: 0 }, collect), services.config);
    }, 0);
  } catch (error) {
    if (!isMkimageError(error, 'in-use')) throw error;
  }
}

function tellCollected({ images, records, blobs, bytes }: Collected, { log }: CollectServices['config']): void {
  log?.debug('store', 'build cache collected', { images: images.length, records, blobs, bytes });
}

async function isLarger(services: CollectServices, limit: number): Promise<boolean> {
  const size = await cacheSize(services);
  services.config.log?.debug('store', 'size of the build cache', { bytes: size, limit: Math.round(limit) });
  return size > limit;
}

interface ShrinkGoal {
  readonly goal: number;
  readonly patienceMs: number;
}

/** Removes data from the cache until it takes at most `goal` bytes. May be called only while no build runs. */
export async function shrinkCache(
  services: CollectServices,
  { goal, patienceMs }: ShrinkGoal,
  collect: Collect,
): Promise<Collected> {
  let over = (await cacheSize(services)) - goal;
  if (over <= 0) return NOTHING;
  const unpacked = await removeUnpacked(services, over, patienceMs);
  over -= unpacked.bytes;
  if (over <= 0) return { ...NOTHING, ...unpacked };
  const fetched = removeFetched(services.config.root, over);
  over -= fetched.bytes;
  const before = { objects: [...unpacked.objects, ...fetched.ids], bytes: unpacked.bytes + fetched.bytes };
  if (over <= 0) return { ...NOTHING, ...before };
  const images = await forgetUnnamed(services.store);
  const records = forgetRecords(services, over);
  const kept = cachedLayers(services.cache);
  const freed = await collect((digest) => kept.has(digest));
  return {
    images,
    objects: [...before.objects, ...records],
    records: records.length,
    blobs: freed.blobs,
    bytes: before.bytes + freed.bytes,
  };
}

async function cacheSize(services: CollectServices): Promise<number> {
  const unpacked = (await unpackedChains(services)).reduce((sum, { bytes }) => sum + bytes, 0);
  const named = namedContent(services.store);
  let blobs = 0;
  for (const { digest, diskBytes } of services.store.blobs()) if (!named.has(digest)) blobs += diskBytes;
  return unpacked + blobs + fetchedSources(services.config.root).reduce((sum, entry) => sum + bytesOf(entry), 0);
}

/** Returns what images with a name need, including every form of their layers. */
function namedContent(store: Store): ReadonlySet<Digest> {
  const images = store.list().filter(({ name }) => name !== undefined);
  const { blobs, diffIds } = liveLayers(store, images);
  const forms = [...diffIds].flatMap((diffId) => store.formsOf(diffId).map(({ blob }) => blob.digest));
  return new Set([...blobs, ...diffIds, ...forms]);
}

async function unpackedChains({ config, snapshotter }: CollectServices): Promise<readonly UnpackedChain[]> {
  if (!existsSync(join(config.root, FOLDERS.unpacked.path))) return [];
  return [...(await snapshotter()).usage()];
}

/** Removes the longest unused first, until enough is freed. */
async function removeUnpacked(
  services: CollectServices,
  over: number,
  patienceMs: number,
): Promise<Pick<Collected, 'objects' | 'bytes'>> {
  const doomed = new Set<ChainId>();
  let free = 0;
  for (const { chain, bytes } of (await unpackedChains(services)).toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (free >= over) break;
    doomed.add(chain);
    free += bytes;
  }
  if (doomed.size === 0) return { objects: [], bytes: 0 };
  const bytes = await (await services.snapshotter()).prune((chain) => !doomed.has(chain), patienceMs);
  return { objects: [...doomed].map(encodedOf), bytes };
}

/** Returns what shares the limit of the cache: the folders whose retention has no size of its own. */
function fetchedSources(root: string): readonly AgedEntry[] {
  const folders = agedFolders().filter(([, { mostBytes }]) => mostBytes === undefined);
  return folders.flatMap(([folder, retention]) => agedEntries(root, folder, retention));
}

/** Removes the longest unused first, until enough is freed. */
function removeFetched(root: string, over: number): ReturnType<typeof removeEntries> {
  const doomed: AgedEntry[] = [];
  let free = 0;
  for (const entry of fetchedSources(root).toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (free >= over) break;
    doomed.push(entry);
    free += bytesOf(entry);
  }
  return removeEntries(doomed);
}

async function forgetUnnamed(store: Store): Promise<readonly Digest[]> {
  const unnamed = store.list().filter(({ name }) => name === undefined);
  for (const { target } of unnamed) await store.removeDangling(target.digest);
  return unnamed.map(({ target }) => target.digest);
}

/** Removes records, longest unused first, until the layers that only they need free enough space. */
function forgetRecords({ store, cache }: CollectServices, over: number): readonly string[] {
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
  return forgotten.map(encodedOf);
}

function count(users: Map<Digest, number>, diffId: Digest | undefined, change: number): number {
  if (diffId === undefined) return 0;
  const now = (users.get(diffId) ?? 0) + change;
  users.set(diffId, now);
  return now;
}
