/** Runs a plan. Independent stages run at the same time, each stage once, and only stages that the target needs. */
import type { CacheRecord } from '../cache/index.ts';
import { MkimageError } from '../errors.ts';
import type { Stage, StageId, Step, WorkPlan } from '../plan/index.ts';
import { boundCall, type Call } from '../progress.ts';
import { requireContextSources } from './context-sources.ts';
import { InFlight } from './in-flight.ts';
import { removeFoldersOfDead, Sweep } from './run/index.ts';
import type { ExecutorServices } from './services.ts';
import { sourceTrees } from './sources/source-trees.ts';
import { buildStage, type StageResult } from './stage.ts';

/**
 * Returns the layer chain and the config of each target. Sources in contexts are checked at the same time. If a step
 * fails, the other steps are cancelled and awaited, and the first failure is thrown.
 */
export async function executePlan(
  plan: WorkPlan,
  services: ExecutorServices,
  call: Call,
): Promise<readonly StageResult[]> {
  const stop = new AbortController();
  const inner = boundCall(call, stop.signal);
  const results = new Map<StageId, Promise<StageResult>>();
  const inFlight = new InFlight<CacheRecord>();
  const sweep = new Sweep();
  const result = (id: StageId): Promise<StageResult> => {
    const running = results.get(id);
    if (running) return running;
    const begun = buildStage(runOf(stageOf(plan, id)), result);
    begun.catch(() => stop.abort());
    results.set(id, begun);
    return begun;
  };
  const sources = sourceTrees(services, result, inner);
  const ofImages = listStagesOfImages(plan);
  const runOf = (stage: Stage) => ({
    services,
    sources,
    stage,
    isOnlyStage: plan.stages.length === 1,
    isOfImage: ofImages.has(stage.id),
    epoch: plan.epoch,
    inFlight,
    sweep,
    call: inner,
  });
  const swept = removeFoldersOfDead(services);
  const sourcesThere = requireContextSources(stepsOf(plan), services, inner);
  sourcesThere.catch(() => stop.abort());
  for (const stage of plan.stages) void result(stage.id);
  try {
    return await targetsOrFirstFailure(plan, results, sourcesThere);
  } finally {
    await Promise.all([swept, sweep.finish()]);
  }
}

/**
 * Waits for every stage, so that nothing runs after a failure. Reports a cancellation only if there is no other
 * failure.
 */
async function targetsOrFirstFailure(
  plan: WorkPlan,
  results: ReadonlyMap<StageId, Promise<StageResult>>,
  sourcesThere: Promise<void>,
): Promise<readonly StageResult[]> {
  const settled = await Promise.allSettled([sourcesThere, ...results.values()]);
  const failures = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  const cause = failures.find((failure) => !(failure instanceof MkimageError && failure.code === 'cancelled'));
  if (failures.length > 0) throw cause ?? failures[0];
  return Promise.all(plan.targets.map((target) => results.get(target) ?? failMissing(target)));
}

function failMissing(id: StageId): never {
  throw new MkimageError('internal', `plan has no stage ${id}`);
}

/** The targets and the stages that they are based on. */
function listStagesOfImages(plan: WorkPlan): ReadonlySet<StageId> {
  const found = new Set<StageId>(plan.targets);
  for (const id of found) {
    const { base } = stageOf(plan, id);
    if (base.kind === 'stage') found.add(base.stage);
  }
  return found;
}

function stepsOf(plan: WorkPlan): readonly Step[] {
  return plan.stages.flatMap(({ steps }) => steps);
}

function stageOf(plan: WorkPlan, id: StageId): Stage {
  return plan.stages.find((each) => each.id === id) ?? failMissing(id);
}
