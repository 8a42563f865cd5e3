/** The requests and results of the engine: pure, serializable types. No code. */
export type * from './archives.ts';
export type * from './authoring.ts';
export type * from './build.ts';
export type * from './caches.ts';
export type * from './container-details.ts';
export type * from './container-settings.ts';
export type * from './containers.ts';
export type * from './containers-exec.ts';
export type * from './images.ts';
export type * from './info.ts';
export type * from './inputs.ts';
export type * from './networks.ts';
export type * from './outputs.ts';
export type * from './registries.ts';
export type * from './state.ts';
export type * from './step-settings.ts';
export type * from './volumes.ts';
