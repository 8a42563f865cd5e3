/** `mkimage build`: from a request to layers, an image and outputs. */
export { buildFileError } from './build.ts';
export { planRequest } from './circumstances.ts';

export {
  findBuildFile,
  type IgnoreFile,
  readBuildFile,
  readIgnoreFile,
  readNamedIgnoreFile,
} from './inputs/build-file.ts';
export { faultyFileError } from './inputs/build-file-error.ts';
export { type BuildInputs, openBuildInputs, openNamed } from './inputs/build-inputs.ts';
export { checkSources } from './inputs/check-sources.ts';
export { findLayoutContexts, type LayoutContexts, layoutImage } from './inputs/layout-contexts.ts';
export { parseRemembered } from './inputs/parse-memo.ts';
export { checkResultFile, removeResultFile, writeResultFile } from './result-file.ts';
export { settlePlan } from './settle-plan.ts';
