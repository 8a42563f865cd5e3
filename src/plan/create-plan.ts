import type { BuildFile } from '../instructions/index.ts';
import { type ContainerConfig, normalizePlatform, type Platform } from '../oci/index.ts';
import { type Analysis, analyse } from './analyse.ts';
import type { BuildPlan, Stage } from './build-plan.ts';
import type { LoweredStage } from './lower/lower-stage.ts';
import { withConfig } from './lower/stage-state.ts';
import type { Asking, PlanOutcome, PlanRequest } from './request.ts';
import { toFindingWarnings } from './rules/checker.ts';

/**
 * Creates the plan for the target. Pure: it asks the caller for the images that the target depends on, usually once or twice.
 * Reports as many errors as possible at once.
 */
export function* createPlan(file: BuildFile, request: PlanRequest): Asking<PlanOutcome> {
  const outcome = yield* analyse({ file, request, allStages: false, standsIn: false });
  if (outcome.kind === 'errors') {
    return { kind: 'errors', diagnostics: [...outcome.diagnostics, ...toFindingWarnings(outcome.findings)] };
  }
  const { analysis } = outcome;
  const warnings = file.diagnostics.filter(({ severity }) => severity === 'warning');
  return {
    kind: 'plan',
    plan: toPlan(analysis, request),
    diagnostics: [...warnings, ...toFindingWarnings(analysis.findings)],
  };
}

function toPlan({ target, stages, epoch }: Analysis, request: PlanRequest): BuildPlan {
  const lowered = [...stages.values()];
  return {
    platform: request.platform,
    stages: lowered.map((stage) => (stage.node.source === target ? toTargetStage(stage, request) : toStage(stage))),
    target: target.id,
    epoch,
  };
}

function toStage({ node, base, state }: LoweredStage): Stage {
  const { id, name, from } = node.source;
  const { platform, steps, config, author } = state;
  return { id, name, base, platform, steps: [...steps], config, author, range: from.range };
}

/** The stage that becomes the image. Labels and platform of the request override those of the stage. */
function toTargetStage(lowered: LoweredStage, request: PlanRequest): Stage {
  const { state } = lowered;
  const config: ContainerConfig =
    Object.keys(request.labels).length === 0
      ? state.config
      : withConfig(state, { Labels: { ...state.config.Labels, ...request.labels } }).config;
  return { ...toStage(lowered), config, platform: chooseImagePlatform(state.platform, request) };
}

/** Keeps variant and version of the base if the request does not set them and has the same OS and architecture. */
function chooseImagePlatform(base: Platform, { platform, implicitPlatform }: PlanRequest): Platform {
  if (implicitPlatform) return normalizePlatform(base);
  const isSame = platform.os === base.os && platform.architecture === base.architecture;
  return normalizePlatform(isSame ? { ...base, ...platform } : platform);
}
