/** What can be asked of the engine, and what it answers: pure, serialisable requests and results. No code. */
export type * from './authoring.ts';
export type * from './build.ts';
export type * from './images.ts';
export type * from './inputs.ts';
export type * from './outputs.ts';
export type * from './state.ts';
export type * from './step-settings.ts';
