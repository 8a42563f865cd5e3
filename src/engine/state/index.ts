/** What the state directory holds: how much, whether it is sound, what may go. */
export type { CacheMountUsage } from './cache-mounts.ts';
export type { DamagedThing, StoreCheck } from './check-store.ts';
export { collectAfterBuild } from './collect-cache.ts';
export type { DiskUsage } from './du.ts';
export { cachedLayers } from './kept-layers.ts';
export { type MendServices, withBlame, withMending } from './mend-store.ts';
export type { PruneResult } from './prune.ts';
export type { CacheType } from './prune-scope.ts';
