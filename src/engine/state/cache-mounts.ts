/**
 * `mkimage cache-mounts ls | rm`: the stored mounts of `RUN --mount=type=cache`. Their layout on disk is in
 * executor/run/cache-mount.ts.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheMountUsage, RemovedMounts, RemoveMountsRequest } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { measureDiskBytes, removeTree } from '../../host/index.ts';
import type { Store } from '../../store/index.ts';
import { FOLDERS } from '../folders.ts';

export interface CacheMountServices {
  readonly store: Pick<Store, 'exclusively'>;
  readonly config: { readonly root: string };
}

/** Sorted by id, then by key. */
export function listCacheMounts({ config }: Pick<CacheMountServices, 'config'>): readonly CacheMountUsage[] {
  const folder = join(config.root, FOLDERS.mounts.path);
  const mounts = keysIn(folder).flatMap((key) => usageOf(folder, key) ?? []);
  return mounts.sort((a, b) => (a.id === b.id ? compare(a.key, b.key) : compare(a.id, b.id)));
}

/**
 * Removes mounts by id, by key or by a prefix of a key. Throws `not-found` before anything is removed, `in-use` while
 * a build runs.
 */
export async function removeCacheMounts(
  services: CacheMountServices,
  { mounts: names }: RemoveMountsRequest,
): Promise<RemovedMounts> {
  const known = listCacheMounts(services);
  const doomed = new Set(names.flatMap((name) => mountsOf(known, name)));
  if (doomed.size === 0) return { mounts: [], bytes: 0 };
  return services.store.exclusively(async () => removeMountsNow(services, [...doomed]), 0);
}

/** May be called only while no build runs. */
export function removeMountsNow(
  { config }: Pick<CacheMountServices, 'config'>,
  mounts: readonly CacheMountUsage[],
): RemovedMounts {
  for (const { key } of mounts) removeTree(join(config.root, FOLDERS.mounts.path, key));
  return { mounts, bytes: mounts.reduce((sum, { bytes }) => sum + bytes, 0) };
}

const SHORTEST_KEY = 4;

function mountsOf(known: readonly CacheMountUsage[], name: string): readonly CacheMountUsage[] {
  const byId = known.filter(({ id }) => id === name);
  if (byId.length > 0) return byId;
  const byKey = name.length < SHORTEST_KEY ? [] : known.filter(({ key }) => key.startsWith(name));
  if (byKey.length === 1) return byKey;
  const problem = byKey.length === 0 ? 'no such cache mount' : `${byKey.length} cache mounts start with it`;
  throw new MkimageError('not-found', `remove cache mount \`${name}\`: ${problem}`, {
    hint: '`mkimage cache-mounts ls` lists them',
  });
}

/** Returns undefined for a folder that a build is just creating. */
function usageOf(folder: string, key: string): CacheMountUsage | undefined {
  const file = join(folder, key, 'id');
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return { key, id: readFileSync(file, 'utf8'), bytes: measureDiskBytes(join(folder, key)), usedAt: stats.mtimeMs };
}

function keysIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch {
    return [];
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
