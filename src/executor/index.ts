/** Runs a plan: turns steps into layers, and stages into chains and configs. */
export type { Chain } from './chain.ts';
export { type ContextSource, contextSources, sourceFault } from './context-sources.ts';
export { EMPTY_TREE } from './copy/index.ts';
export { executePlan } from './execute.ts';
export { certificatesIn, keyOfCacheMount, pemOf } from './run/index.ts';
export type {
  ExecutorServices,
  FetchedSource,
  JournalEntry,
  RemoteSources,
  SharedCache,
  SshAgent,
  StepJournal,
  StepSecrets,
  StepSettings,
  TryLock,
} from './services.ts';
export type { StageResult } from './stage.ts';
