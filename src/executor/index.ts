export { certificatesIn, pemOf } from './certificates/pem.ts';
export type { Chain } from './chain.ts';
export { executePlan } from './execute.ts';
export type {
  ExecutorServices,
  FetchedSource,
  RemoteSources,
  StepSecrets,
  StepSettings,
  TryLock,
} from './services.ts';
export { type ContextSource, contextSources, sourceFault } from './sources/context-sources.ts';
export type { StageResult } from './stage.ts';
export { EMPTY_TREE } from './staging.ts';
