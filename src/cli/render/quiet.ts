import type { Renderer } from './renderer.ts';

/** `-q`: nothing but the result, or the error. */
export function quietRenderer(): Renderer {
  return { report: () => {}, finish: () => {} };
}
