/** What is to be done: a build file and its circumstances become a closed plan. Pure; touches no disk and no network. */
export type * from './build-plan.ts';
export { createPlan } from './create-plan.ts';
export type { MountedCredential } from './lower/stage-state.ts';
export type {
  Answers,
  Asking,
  BaseAnswer,
  BaseRequest,
  NamedContext,
  Needs,
  ParseTrigger,
  PlanOutcome,
  PlanRequest,
} from './request.ts';
export { type CheckOptions, mergeCheckOptions, NO_CHECK_OPTIONS, optionsInComment } from './rules/check-options.ts';
export { type Finding, fileCheckOptions } from './rules/checker.ts';
export type { Rule } from './rules/rule.ts';
export { settleNow } from './settle-now.ts';
export { type EpochSource, epochSource } from './stages/epoch-source.ts';
export type { ArgInfo } from './stages/global-args.ts';
export { type StageInstruction, type StageSource, splitStages } from './stages/stage.ts';
export {
  type CheckJson,
  type CheckResult,
  checkBuildFile,
  checkDiagnostics,
  checkJson,
  neededSteps,
} from './views/check-build-file.ts';
export { listTargets, type Target, type TargetsJson, targetsJson } from './views/list-targets.ts';
export type { SourceText } from './views/location-json.ts';
export { type Outline, type OutlineJson, type OutlineOutcome, outline, outlineJson } from './views/outline.ts';
export { Fault } from './words/fault.ts';
export { nearest } from './words/nearest.ts';
