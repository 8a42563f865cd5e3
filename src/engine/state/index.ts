/** The state directory: its size, its integrity, and removing unused data. */
export { collectAfterBuild } from './collect-cache.ts';
export { cachedLayers } from './kept-layers.ts';
export { type MendServices, withBlame, withMending } from './mend-store.ts';
