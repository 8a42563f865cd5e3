/** Turns a build file and a request into a closed plan. Pure: no disk, no network. */
export type * from './build-plan.ts';
export { createPlan } from './create-plan.ts';
export type { MountedCredential } from './lower/stage-state.ts';
export { mergePlans } from './merge-plans.ts';
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
export {
  type CheckOptions,
  mergeCheckOptions,
  NO_CHECK_OPTIONS,
  readCheckComment,
} from './rules/check-options.ts';
export { readFileCheckOptions } from './rules/checker.ts';
export type { Finding, Rule } from './rules/rule.ts';
export { runPlanning } from './run-planning.ts';
export { type EpochSource, findEpochSource } from './stages/epoch-source.ts';
export type { ArgInfo } from './stages/global-args.ts';
export { type StageInstruction, type StageSource, splitStages } from './stages/stage.ts';
export { takeUntil } from './take-until.ts';
export {
  type CheckJson,
  type CheckResult,
  checkBuildFile,
  findNeededSteps,
  toCheckDiagnostics,
  toCheckJson,
} from './views/check-build-file.ts';
export { listTargets, type Target, type TargetsJson, toTargetsJson } from './views/list-targets.ts';
export type { SourceText } from './views/location-json.ts';
export {
  createOutline,
  type Outline,
  type OutlineJson,
  type OutlineOutcome,
  toOutlineJson,
} from './views/outline.ts';
export { Fault } from './words/fault.ts';
export { findNearestName } from './words/suggestion.ts';
