/** The requests and results of the engine: pure, serializable types. No code. */
export type * from './authoring.ts';
export type * from './build.ts';
export type * from './images.ts';
export type * from './inputs.ts';
export type * from './outputs.ts';
export type * from './state.ts';
export type * from './step-settings.ts';
