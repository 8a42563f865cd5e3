import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Cache, CacheRecord } from '../../cache/index.ts';
import { diskBytes, removeTree } from '../../host/index.ts';
import { type Digest, isDigest } from '../../oci/index.ts';
import type { Snapshotter } from '../../snapshot/index.ts';
import type { Store } from '../../store/index.ts';
import { type CacheMountUsage, type RemovedMounts, removeMountsUnusedSince } from './cache-mounts.ts';
import { shrinkCache } from './collect-cache.ts';
import { cachedLayers } from './kept-layers.ts';
import { type LiveLayers, liveLayers } from './live-layers.ts';

/** Unpacked layers that take longer to remove are removed by themselves, when prune has ended. */
const PATIENCE_MS = 2000;

export interface PruneServices {
  readonly store: Store;
  readonly cache: Cache;
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly config: { readonly root: string; readonly now: () => string; readonly keepStorage?: number | undefined };
}

export interface PruneRequest {
  /** Forget the whole build cache and every unpacked layer, not only what is stale. */
  readonly all: boolean;
  /** Forget also what the cache has not been asked for in so many seconds. */
  readonly unusedFor?: number | undefined;
  /**
   * Instead of all that no image needs, remove only so much that the build cache takes no more than so many bytes: the longest
   * unused first, unpacked layers before anything else.
   */
  readonly keepStorage?: number | undefined;
  /** Remove cache mounts too; they are the user's, and nothing else brings them back. */
  readonly cacheMounts?: boolean;
}

export interface PruneResult {
  /** Dangling images removed, by the digest of their manifest or index. */
  readonly images: readonly Digest[];
  readonly cacheRecords: number;
  readonly blobs: number;
  readonly cacheMounts: readonly CacheMountUsage[];
  /** Bytes of the disk given back. */
  readonly bytes: number;
}

/**
 * Removes dangling images, stale cache records, blobs and listings that nobody needs, and what killed processes left behind.
 * Named images stay, whatever is asked. Throws `in-use` while a build runs.
 */
export async function pruneStore(services: PruneServices, request: PruneRequest): Promise<PruneResult> {
  const { store, cache } = services;
  if (request.keepStorage !== undefined) return pruneTo(services, request, request.keepStorage);
  return store.exclusively(async (collect) => {
    const images = await removeDangling(store);
    const records = await forgetRecords(services, request);
    const kept = cachedLayers(cache);
    const collected = await collect((digest) => kept.has(digest));
    const live = liveLayers(store, store.list());
    const mounts = mountsRemoved(services, request);
    const bytes =
      mounts.bytes +
      records.bytes +
      collected.bytes +
      removeListings(services, (diffId) => live.diffIds.has(diffId) || kept.has(diffId)) +
      (await removeUnpacked(services, live, request.all)) +
      removeOld(services, request) +
      removeTemporary(services);
    return { images, cacheRecords: records.count, blobs: collected.blobs, cacheMounts: mounts.mounts, bytes };
  });
}

/** Also what is too old goes first, and what killed processes left. */
async function pruneTo(services: PruneServices, request: PruneRequest, goal: number): Promise<PruneResult> {
  const { store, config } = services;
  return store.exclusively(async (collect) => {
    const records = request.unusedFor === undefined ? { count: 0, bytes: 0 } : await forgetRecords(services, request);
    const bounded = { ...services, config: { root: config.root, keepStorage: goal } };
    const mounts = mountsRemoved(services, request);
    const shrunk = await shrinkCache(bounded, goal, collect, PATIENCE_MS);
    const kept = cachedLayers(services.cache);
    const live = liveLayers(store, store.list());
    const bytes =
      mounts.bytes +
      records.bytes +
      shrunk.bytes +
      removeListings(services, (diffId) => live.diffIds.has(diffId) || kept.has(diffId)) +
      removeTemporary(services);
    const cacheRecords = records.count + shrunk.records;
    return { images: shrunk.images, cacheRecords, blobs: shrunk.blobs, cacheMounts: mounts.mounts, bytes };
  });
}

function mountsRemoved(services: PruneServices, request: PruneRequest): RemovedMounts {
  if (request.cacheMounts !== true) return { mounts: [], bytes: 0 };
  return removeMountsUnusedSince(services, oldestOf(services, request));
}

async function removeDangling(store: Store): Promise<readonly Digest[]> {
  const dangling = store.list().filter(({ name }) => name === undefined);
  for (const { target } of dangling) await store.removeDangling(target.digest);
  return dangling.map(({ target }) => target.digest);
}

async function forgetRecords(
  services: PruneServices,
  request: PruneRequest,
): Promise<{ count: number; bytes: number }> {
  const { store, cache, config } = services;
  const folder = join(config.root, 'cache-v1');
  const before = diskBytes(folder);
  const oldest = oldestOf(services, request) ?? 0;
  const stale = [...cache.records()].filter(
    ({ record, usedAt }) => request.all || usedAt < oldest || !isUsable(store, record),
  );
  for (const { key } of stale) cache.remove(key);
  cache.sweep();
  return { count: stale.length, bytes: before - diskBytes(folder) };
}

/** What was last used before this time goes; undefined: age is no reason. */
function oldestOf({ config }: PruneServices, { unusedFor }: PruneRequest): number | undefined {
  return unusedFor === undefined ? undefined : Date.parse(config.now()) - unusedFor * 1000;
}

/** A record is stale when the layer it promises is not to be had. */
function isUsable(store: Store, { layer }: CacheRecord): boolean {
  return layer === null || store.formsOf(layer.diffId).length > 0;
}

/** What lies in `trees-v1/<2 hex>/` is named by the diffId of its layer, some with a suffix. */
function removeListings({ config }: PruneServices, isLive: (diffId: Digest) => boolean): number {
  const folder = join(config.root, 'trees-v1');
  const paths = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return paths.reduce((bytes, path) => {
    const diffId = `sha256:${basename(path).slice(0, 64)}`;
    return isDigest(diffId) && !isLive(diffId) ? bytes + remove(join(folder, path)) : bytes;
  }, 0);
}

async function removeUnpacked(services: PruneServices, live: LiveLayers, all: boolean): Promise<number> {
  if (!existsSync(join(services.config.root, 'snapshots-v1'))) return 0;
  const snapshotter = await services.snapshotter();
  return snapshotter.prune((chain) => !all && live.chains.has(chain), PATIENCE_MS);
}

/** What is kept to save time or to be looked at: all of it with `--all`, else what is older than `until`. */
function removeOld(services: PruneServices, request: PruneRequest): number {
  const { root } = services.config;
  const oldest = request.all ? Number.POSITIVE_INFINITY : (oldestOf(services, request) ?? 0);
  const paths = KEPT.flatMap((folder) => namesIn(join(root, folder)).map((name) => join(root, folder, name)));
  const old = paths.filter((path) => (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < oldest);
  return old.reduce((bytes, path) => bytes + remove(path), 0);
}

/** Logs of steps, fetched sources, and what is remembered of build files and contexts. */
const KEPT = ['logs', 'git-v1', 'http-v1', 'parsed-v1', 'stat-cache-v1'];

/** No build runs now: whatever is left here is nobody's, but for blobs, whose owners the store knows and looks after. */
function removeTemporary({ config }: PruneServices): number {
  const left = namesIn(join(config.root, 'tmp')).filter((name) => !name.startsWith('blob-'));
  const unfinished = MEMORIES.flatMap((folder) =>
    namesIn(join(config.root, folder)).flatMap((name) => (MEMORY.test(name) ? [] : [join(folder, name)])),
  );
  const paths = [...left.map((name) => join('tmp', name)), ...unfinished];
  return paths.reduce((bytes, path) => bytes + remove(join(config.root, path)), 0);
}

/** Folders of files that are written under another name first, and what they are called when they are whole. */
const MEMORIES = ['parsed-v1', 'stat-cache-v1'];
const MEMORY = /^[0-9a-f]{64}(?:\.json)?$/;

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function remove(path: string): number {
  const bytes = diskBytes(path);
  removeTree(path);
  return bytes;
}
