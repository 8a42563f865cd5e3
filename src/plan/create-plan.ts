import type { BuildFile } from '../instructions/index.ts';
import { type ContainerConfig, normalizePlatform, type Platform } from '../oci/index.ts';
import { type Analysis, analyse } from './analyse.ts';
import type { BuildPlan, Stage } from './build-plan.ts';
import type { LoweredStage } from './lower/lower-stage.ts';
import { withConfig } from './lower/stage-state.ts';
import type { Asking, PlanOutcome, PlanRequest } from './request.ts';
import { findingWarnings } from './rules/checker.ts';

/**
 * What is to be done to build the target. Pure: it asks for images that the target depends on, once or twice usually. All
 * errors that can be told at once are told at once.
 */
export function* createPlan(file: BuildFile, request: PlanRequest): Asking<PlanOutcome> {
  const outcome = yield* analyse({ file, request, allStages: false, standsIn: false });
  if (outcome.kind === 'errors') {
    return { kind: 'errors', diagnostics: [...outcome.diagnostics, ...findingWarnings(outcome.findings)] };
  }
  const { analysis } = outcome;
  const warnings = file.diagnostics.filter(({ severity }) => severity === 'warning');
  return {
    kind: 'plan',
    plan: planOf(analysis, request),
    diagnostics: [...warnings, ...findingWarnings(analysis.findings)],
  };
}

function planOf({ target, stages, epoch }: Analysis, request: PlanRequest): BuildPlan {
  const lowered = [...stages.values()];
  return {
    platform: request.platform,
    stages: lowered.map((stage) => (stage.node.source === target ? targetStage(stage, request) : stageOf(stage))),
    target: target.id,
    epoch,
  };
}

function stageOf({ node, base, state }: LoweredStage): Stage {
  const { id, name, from } = node.source;
  const { platform, steps, config, author } = state;
  return { id, name, base, platform, steps: [...steps], config, author, range: from.range };
}

/** The stage that becomes the image: labels from the caller come last, and so does the platform, if it was asked for. */
function targetStage(lowered: LoweredStage, request: PlanRequest): Stage {
  const { state } = lowered;
  const config: ContainerConfig =
    Object.keys(request.labels).length === 0
      ? state.config
      : withConfig(state, { Labels: { ...state.config.Labels, ...request.labels } }).config;
  return { ...stageOf(lowered), config, platform: imagePlatform(state.platform, request) };
}

/** What a base says of its variant and version is kept where the request says nothing, if it is otherwise the same. */
function imagePlatform(base: Platform, { platform, implicitPlatform }: PlanRequest): Platform {
  if (implicitPlatform) return normalizePlatform(base);
  const isSame = platform.os === base.os && platform.architecture === base.architecture;
  return normalizePlatform(isSame ? { ...base, ...platform } : platform);
}
