import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PruneRequest, PruneResult, RemovedMounts } from '../../api/index.ts';
import type { Cache, CacheRecord } from '../../cache/index.ts';
import { measureDiskBytes, removeTree } from '../../host/index.ts';
import { type Digest, encodedOf, isDigest } from '../../oci/index.ts';
import type { Snapshotter } from '../../snapshot/index.ts';
import type { Collect, Store } from '../../store/index.ts';
import { FOLDERS } from '../folders.ts';
import { agedEntries, agedFolders, agedGarbage, oldestAt, removeEntries } from './aged.ts';
import { listCacheMounts, removeMountsNow } from './cache-mounts.ts';
import { shrinkCache } from './collect-cache.ts';
import { cachedLayers } from './kept-layers.ts';
import { type LiveLayers, liveLayers } from './live-layers.ts';
import { otherNames } from './other-names.ts';
import { type Scope, scopeOf, typeOfFolder } from './prune-scope.ts';

/** If removing unpacked layers takes longer, it continues after prune has ended. */
const PATIENCE_MS = 2000;

export interface PruneServices {
  readonly store: Store;
  readonly cache: Cache;
  readonly snapshotter: () => Promise<Snapshotter>;
  readonly config: { readonly root: string; readonly now: () => string; readonly keepStorage?: number | undefined };
}

interface Removed {
  readonly ids: readonly string[];
  readonly bytes: number;
}

const NOTHING: Removed = { ids: [], bytes: 0 };

/**
 * Removes dangling images, stale cache records, unused blobs and listings, data unused for long, folders of earlier
 * versions and what killed processes left. Never removes named images or foreign files. Throws `in-use` while a build
 * runs.
 */
export async function pruneStore(services: PruneServices, request: PruneRequest): Promise<PruneResult> {
  const scope = scopeOf(request, Date.parse(services.config.now()));
  const goal = request.keepStorage;
  return services.store.exclusively((collect) =>
    goal === undefined ? pruneNow(services, { request, scope }, collect) : pruneTo(services, { scope, goal }, collect),
  );
}

interface PruneChoice {
  readonly request: PruneRequest;
  readonly scope: Scope;
}

async function pruneNow(
  services: PruneServices,
  { request: { all }, scope }: PruneChoice,
  collect: Collect,
): Promise<PruneResult> {
  const { store, cache, config } = services;
  const isRegular = scope.wants('regular');
  const images = scope.isWhole ? await removeDangling(store) : [];
  const records = isRegular ? forgetRecords(services, scope) : NOTHING;
  const kept = cachedLayers(cache);
  const collected = isRegular ? await collect((digest) => kept.has(digest)) : { blobs: 0, bytes: 0 };
  const live = liveLayers(store, store.list());
  const mounts = removeMounts(services, scope);
  const others = [
    isRegular ? removeListings(services, (diffId) => live.diffIds.has(diffId) || kept.has(diffId)) : NOTHING,
    isRegular ? await removeUnpacked(services, { live, scope, all }) : NOTHING,
    removeAgedOf(config, scope),
    scope.isWhole || scope.wants('internal') ? removeLeft(config.root) : NOTHING,
  ];
  return {
    images,
    objects: [...records.ids, ...others.flatMap(({ ids }) => ids)],
    cacheRecords: records.ids.length,
    blobs: collected.blobs,
    cacheMounts: mounts.mounts,
    bytes: mounts.bytes + records.bytes + collected.bytes + others.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

interface PruneGoal {
  readonly scope: Scope;
  readonly goal: number;
}

/** First removes what is too old and what killed processes left. */
async function pruneTo(services: PruneServices, { scope, goal }: PruneGoal, collect: Collect): Promise<PruneResult> {
  const { store, config } = services;
  const records = scope.oldest === undefined ? NOTHING : forgetRecords(services, scope);
  const mounts = removeMounts(services, scope);
  const aged = removeAgedOf(config, scope);
  const bounded = { ...services, config: { ...config, keepStorage: goal } };
  const shrunk = await shrinkCache(bounded, { goal, patienceMs: PATIENCE_MS }, collect);
  const kept = cachedLayers(services.cache);
  const live = liveLayers(store, store.list());
  const others = [
    aged,
    removeListings(services, (diffId) => live.diffIds.has(diffId) || kept.has(diffId)),
    removeLeft(config.root),
  ];
  return {
    images: shrunk.images,
    objects: [...records.ids, ...shrunk.objects, ...others.flatMap(({ ids }) => ids)],
    cacheRecords: records.ids.length + shrunk.records,
    blobs: shrunk.blobs,
    cacheMounts: mounts.mounts,
    bytes: mounts.bytes + records.bytes + shrunk.bytes + others.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function removeMounts(services: PruneServices, scope: Scope): RemovedMounts {
  if (!scope.wants('exec.cachemount')) return { mounts: [], bytes: 0 };
  const doomed = listCacheMounts(services).filter(({ key, usedAt }) =>
    scope.dooms(key, usedAt, Number.POSITIVE_INFINITY),
  );
  return removeMountsNow(services, doomed);
}

async function removeDangling(store: Store): Promise<readonly Digest[]> {
  const dangling = store.list().filter(({ name }) => name === undefined);
  for (const { target } of dangling) await store.removeDangling(target.digest);
  return dangling.map(({ target }) => target.digest);
}

function forgetRecords({ store, cache, config }: PruneServices, scope: Scope): Removed {
  const folder = join(config.root, FOLDERS.records.path);
  const before = measureDiskBytes(folder);
  const doomed = [...cache.records()].filter(({ key, record, usedAt }) => {
    const id = encodedOf(key);
    return scope.dooms(id, usedAt) || (scope.doomsStale(id) && !isUsable(store, record));
  });
  for (const { key } of doomed) cache.remove(key);
  cache.sweep();
  return { ids: doomed.map(({ key }) => encodedOf(key)), bytes: before - measureDiskBytes(folder) };
}

/** A record is stale if its layer is not available. */
function isUsable(store: Store, { layer }: CacheRecord): boolean {
  return layer === null || store.formsOf(layer.diffId).length > 0;
}

/** Files in `trees-v1/<2 hex>/` are named by the diffId of their layer, some with a suffix. */
function removeListings({ config }: PruneServices, isLive: (diffId: Digest) => boolean): Removed {
  const folder = join(config.root, FOLDERS.listings.path);
  const paths = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const dead = paths.filter((path) => {
    const diffId = `sha256:${basename(path).slice(0, 64)}`;
    return isDigest(diffId) && !isLive(diffId);
  });
  return { ids: [], bytes: dead.reduce((bytes, path) => bytes + remove(join(folder, path)), 0) };
}

interface UnpackedChoice {
  readonly live: LiveLayers;
  readonly scope: Scope;
  readonly all: boolean;
}

async function removeUnpacked(services: PruneServices, { live, scope, all }: UnpackedChoice): Promise<Removed> {
  if (!existsSync(join(services.config.root, FOLDERS.unpacked.path))) return NOTHING;
  const snapshotter = await services.snapshotter();
  const used = scope.oldest === undefined ? [] : [...snapshotter.usage()];
  const usedAt = new Map(used.map((each) => [each.chain, each.usedAt]));
  const ids: string[] = [];
  const bytes = await snapshotter.prune((chain) => {
    const id = encodedOf(chain);
    const isDead = !all && scope.doomsStale(id) && !live.chains.has(chain);
    const goes = isDead || scope.dooms(id, usedAt.get(chain) ?? 0);
    if (goes) ids.push(id);
    return !goes;
  }, PATIENCE_MS);
  return { ids, bytes };
}

/** Applies each folder's own retention or the requested age; always removes what killed builds left. */
function removeAgedOf({ root, now }: PruneServices['config'], scope: Scope): Removed {
  const oldestFor = oldestAt(Date.parse(now()));
  const doomed = agedFolders().flatMap(([folder, retention]) => {
    if (!scope.wants(typeOfFolder(folder))) return [];
    const entries = agedEntries(root, folder, retention);
    const whole = entries.filter(({ isWhole }) => isWhole);
    const tooMuch = scope.isWhole ? agedGarbage(whole, 0, retention.mostBytes) : [];
    const asked = whole.filter(({ id, usedAt }) => scope.dooms(id, usedAt, oldestFor(retention)));
    return [...new Set([...entries.filter(({ isWhole }) => !isWhole), ...tooMuch, ...asked])];
  });
  return removeEntries(doomed);
}

/**
 * No build runs now, so incomplete data is left over. Blobs are excepted: the store removes incomplete blobs
 * itself.
 */
function removeLeft(root: string): Removed {
  const { path } = FOLDERS.temporary;
  const left = existsSync(join(root, path)) ? readdirSync(join(root, path)) : [];
  const halfMade = left.filter((name) => !name.startsWith('blob-')).map((name) => join(path, name));
  const { older } = otherNames(root);
  return { ids: [], bytes: [...halfMade, ...older].reduce((bytes, each) => bytes + remove(join(root, each)), 0) };
}

function remove(path: string): number {
  const bytes = measureDiskBytes(path);
  removeTree(path);
  return bytes;
}
