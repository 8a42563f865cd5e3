/** What is to be done: a build file and its circumstances become a closed plan. Pure; touches no disk and no network. */
export type * from './build-plan.ts';
export {
  type CheckJson,
  type CheckOutcome,
  type CheckResult,
  checkBuildFile,
  checkDiagnostics,
  checkJson,
  neededSteps,
} from './check-build-file.ts';
export { type CheckOptions, mergeCheckOptions, NO_CHECK_OPTIONS, optionsInComment } from './check-options.ts';
export { type Finding, fileCheckOptions } from './checker.ts';
export { createPlan } from './create-plan.ts';
export { type EpochSource, epochSource } from './epoch-source.ts';
export { Fault } from './fault.ts';
export type { ArgInfo } from './global-args.ts';
export { listTargets, type Target, type TargetsJson, targetsJson } from './list-targets.ts';
export type { SourceText } from './location-json.ts';
export type { MountedCredential } from './lower/stage-state.ts';
export { nearest } from './nearest.ts';
export { type Outline, type OutlineJson, type OutlineOutcome, outline, outlineJson } from './outline.ts';

export type {
  BaseAnswer,
  BaseRequest,
  NamedContext,
  ParseTrigger,
  PlanOutcome,
  PlanRequest,
} from './request.ts';
export type { Rule } from './rules/rule.ts';
export { type StageInstruction, type StageSource, splitStages } from './stages.ts';
