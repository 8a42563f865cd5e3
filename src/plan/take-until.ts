/** The part of a plan that must be done before certain steps. */
import type { FileSource, RunStep, Stage, StageId, Step, WorkPlan } from './build-plan.ts';

/** Returns the wanted steps with everything that comes before them: whole stages that they use, and no step after the last one. */
export function takeUntil(plan: WorkPlan, wanted: ReadonlySet<Step>): WorkPlan {
  const byId = new Map(plan.stages.map((stage) => [stage.id, stage]));
  const taken = new Map<StageId, number>();
  const take = (id: StageId, count: number): void => {
    const before = taken.get(id) ?? -1;
    if (before >= count) return;
    taken.set(id, count);
    const stage = byId.get(id)!;
    for (const used of listUsedStages(stage, count)) take(used, byId.get(used)!.steps.length);
  };
  for (const { id, steps } of plan.stages) {
    const last = steps.findLastIndex((step) => wanted.has(step));
    if (last !== -1) take(id, last + 1);
  }
  const stages = plan.stages.flatMap((stage) => {
    const count = taken.get(stage.id);
    return count === undefined ? [] : [{ ...stage, steps: stage.steps.slice(0, count) }];
  });
  return { ...plan, stages, targets: [] };
}

function listUsedStages({ base, steps }: Stage, count: number): readonly StageId[] {
  const sources = steps.slice(0, count).flatMap((step): readonly (FileSource | undefined)[] => {
    if (step.kind === 'copy') return [step.from];
    return step.kind === 'run' ? listMountSources(step) : [];
  });
  const used = sources.flatMap((source) => (source?.kind === 'stage' ? [source.stage] : []));
  return base.kind === 'stage' ? [base.stage, ...used] : used;
}

function listMountSources({ mounts }: RunStep): readonly (FileSource | undefined)[] {
  return mounts.map((mount) => ('from' in mount ? mount.from : undefined));
}
