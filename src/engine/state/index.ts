/** What the state directory holds: how much, whether it is sound, what may go. */
export { collectAfterBuild } from './collect-cache.ts';
export { cachedLayers } from './kept-layers.ts';
export { type MendServices, withBlame, withMending } from './mend-store.ts';
