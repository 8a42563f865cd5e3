/** Shows progress events in one of four formats. */
export { openRenderer, PROGRESS_MODES, type ProgressMode } from './open-renderer.ts';
export type { Renderer } from './renderer.ts';
export { withProgress } from './with-progress.ts';
