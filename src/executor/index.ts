export type { Chain } from './chain.ts';
export { EMPTY_TREE } from './copy/staging.ts';
export { executePlan } from './execute.ts';
export { certificatesIn, pemOf } from './run/certificates/pem.ts';
export type { ExecutorServices, FetchedSource, RemoteSources, StepSecrets, StepSettings, TryLock } from './services.ts';
export { type ContextSource, contextSources, sourceFault } from './sources/context-sources.ts';
export type { StageResult } from './stage.ts';
