/** `mkimage build`: from a request to layers, an image and outputs. */
export { toBuildFileError } from './build.ts';
export { createPlanRequest } from './circumstances.ts';

export {
  findBuildFile,
  type IgnoreFile,
  readBuildFile,
  readIgnoreFile,
  readNamedIgnoreFile,
} from './inputs/build-file.ts';
export { createBuildFileError } from './inputs/build-file-error.ts';
export { type BuildInputs, openBuildInputs, openNamedContext } from './inputs/build-inputs.ts';
export { checkSources } from './inputs/check-sources.ts';
export { findLayoutContexts, importLayoutImage, type LayoutContexts } from './inputs/layout-contexts.ts';
export { parseWithMemo } from './inputs/parse-memo.ts';
export { checkResultFile, removeResultFile, writeResultFile } from './result-file.ts';
export { settlePlan } from './settle-plan.ts';
