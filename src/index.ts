/** The public door: what a program that embeds mkimage may rely on. */
export { build } from './engine/build.ts';
export type {
  BuildFileFault,
  BuildRequest,
  BuildResult,
  ContextInput,
  NamedContextInput,
  SecretInput,
  SshInput,
} from './engine/build-request.ts';
export { type Config, readConfig } from './engine/config.ts';
export { openServices, type Services } from './engine/services.ts';
export { type ErrorCode, isMkimageError, MkimageError } from './errors.ts';
export type { Call, ProgressEvent, StepId } from './progress.ts';
