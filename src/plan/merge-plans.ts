/** Makes one plan of the plans for several platforms. */
import { formatCanonicalJson, formatPlatform, normalizePlatform, type Platform } from '../oci/index.ts';
import type { Base, BuildPlan, FileSource, Stage, StageId, WorkPlan } from './build-plan.ts';

/**
 * Returns the stages of all plans. A stage that is equal for several platforms, such as one with
 * `FROM --platform=$BUILDPLATFORM` that does not use the target platform, is in the result once. One plan is returned
 * with its own stages, unless `showsPlatforms` is set.
 */
export function mergePlans(
  plans: readonly BuildPlan[],
  { showsPlatforms = plans.length > 1 }: { readonly showsPlatforms?: boolean } = {},
): WorkPlan {
  const epoch = plans[0]?.epoch;
  const [only] = plans;
  if (only !== undefined && !showsPlatforms) return { stages: only.stages, targets: [only.target], epoch };
  const merged = new Map<string, Draft>();
  const targets = plans.map((plan) => addStages(plan, merged));
  return { stages: [...merged.values()].map(toStage), targets, epoch };
}

/** A stage with its new number, and the plans that it is a part of. */
interface Draft {
  readonly stage: Stage;
  readonly number: StageId;
  readonly plans: BuildPlan[];
}

/** Adds the stages of one plan that are not there yet, and returns the new number of its target. */
function addStages(plan: BuildPlan, merged: Map<string, Draft>): StageId {
  const numbers = new Map<StageId, StageId>();
  const byId = new Map(plan.stages.map((stage) => [stage.id, stage]));
  const add = (id: StageId): StageId => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    const stage = byId.get(id)!;
    const moved = renumber(stage, add);
    // Equal stages with other numbers are equal work, but the target of a plan is shown with its own platform.
    const key = formatCanonicalJson({ ...moved, id: undefined, number: stage.id });
    const draft = merged.get(key) ?? { stage: { ...moved, id: merged.size }, number: stage.id, plans: [] };
    draft.plans.push(plan);
    merged.set(key, draft);
    numbers.set(id, draft.stage.id);
    return draft.stage.id;
  };
  for (const { id } of plan.stages) add(id);
  return numbers.get(plan.target)!;
}

function toStage({ stage, number, plans }: Draft): Stage {
  const [{ platform: target, stages }] = plans as [BuildPlan];
  const isShared = plans.length > 1;
  const shown = formatPlatform(normalizePlatform(stage.platform)) + (isShared ? '' : formatUse(stage.platform, target));
  return { ...stage, origin: { number, isOnly: stages.length === 1, shown, target } };
}

/** `->arm64`: the part of the target platform that differs, as BuildKit writes it. */
function formatUse(stage: Platform, target: Platform): string {
  const [from, to] = [normalizePlatform(stage), normalizePlatform(target)];
  if (from.os !== to.os) return `->${formatPlatform(to)}`;
  const variant = to.variant === undefined ? '' : `/${to.variant}`;
  if (from.architecture !== to.architecture) return `->${to.architecture}${variant}`;
  return from.variant === to.variant || to.variant === undefined ? '' : `->${to.variant}`;
}

/** Replaces the numbers of the stages that a stage uses. */
function renumber(stage: Stage, numberOf: (id: StageId) => StageId): Stage {
  const source = (from: FileSource): FileSource =>
    from.kind === 'stage' ? { kind: 'stage', stage: numberOf(from.stage) } : from;
  const base: Base = stage.base.kind === 'stage' ? { kind: 'stage', stage: numberOf(stage.base.stage) } : stage.base;
  const steps = stage.steps.map((step) => {
    if (step.kind === 'copy') return { ...step, from: source(step.from) };
    if (step.kind !== 'run') return step;
    const mounts = step.mounts.map((mount) =>
      'from' in mount && mount.from !== undefined ? { ...mount, from: source(mount.from) } : mount,
    );
    return { ...step, mounts };
  });
  return { ...stage, base, steps };
}
