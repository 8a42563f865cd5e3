import type { Renderer } from './renderer.ts';

/** Creates the renderer for `-q`: only the result or the error is printed. */
export function createQuietRenderer(): Renderer {
  return { report: () => {}, finish: () => {} };
}
