/** Turns instructions into a closed plan. */

import type { BuildRequest } from '../../api/index.ts';
import type { BuildFile } from '../../instructions/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import { type BaseAnswer, type BaseRequest, type BuildPlan, createPlan, type PlanOutcome } from '../../plan/index.ts';
import type { EngineCall } from '../call.ts';
import type { Services } from '../services.ts';
import type { BaseLayers } from './bases/base-layers.ts';
import { answerBase } from './bases/find-base.ts';
import { createPlanRequest } from './circumstances.ts';
import type { BuildInputs } from './inputs/build-inputs.ts';
import { findLayoutContexts } from './inputs/layout-contexts.ts';
import { addNamedEpoch } from './inputs/named-epoch.ts';
import type { TargetPlatforms } from './platforms.ts';
import { settlePlan } from './settle-plan.ts';

export interface PlanInputs {
  readonly request: BuildRequest;
  readonly inputs: BuildInputs;
  readonly file: BuildFile;
  readonly targets: TargetPlatforms;
  readonly layers: BaseLayers;
}

/** Returns for each platform a plan, or the errors of the build file. A base is looked up once for all platforms. */
export async function planBuild(
  services: Services,
  { request, inputs, file, layers, targets: { platforms, isIndex } }: PlanInputs,
  call: EngineCall,
): Promise<readonly PlanOutcome[]> {
  const layouts = await findLayoutContexts(request, call.cwd);
  const sources = { pull: request.pull, layouts, layers, showsPlatform: isIndex };
  const find = rememberAnswers((base) => answerBase(services, { ...base, ...sources }, call));
  const plan = async (platform: Platform) => {
    const circumstances = await addNamedEpoch(
      services,
      { request, circumstances: createPlanRequest(services, request, { platform, layouts }), file, inputs },
      call,
    );
    const outcome = await settlePlan(createPlan(file, circumstances), find);
    if (outcome.kind === 'plan') tellPlan(outcome.plan, file, call);
    return outcome;
  };
  return Promise.all(platforms.map(plan));
}

/** Answers all requests at the same time, and the same request once. */
function rememberAnswers(answer: (base: BaseRequest) => Promise<BaseAnswer>) {
  const answers = new Map<string, Promise<BaseAnswer>>();
  const answerOnce = (base: BaseRequest): Promise<BaseAnswer> => {
    const known = answers.get(base.key) ?? answer(base);
    answers.set(base.key, known);
    return known;
  };
  return async (bases: readonly BaseRequest[]): Promise<ReadonlyMap<string, BaseAnswer>> => {
    const given = await Promise.all(bases.map(answerOnce));
    return new Map(bases.map(({ key }, at) => [key, given[at]!]));
  };
}

function tellPlan({ platform, stages, epoch }: BuildPlan, { instructions }: BuildFile, { log }: EngineCall): void {
  const all = instructions.filter(({ kind }) => kind === 'from').length;
  log?.debug('plan', 'planned', {
    platform: formatPlatform(platform),
    stages: stages.map(({ id, name }) => name ?? id).join(' '),
    skipped: all - stages.length,
    steps: stages.reduce((sum, { steps }) => sum + steps.filter(({ kind }) => kind !== 'config').length, 0),
    epoch,
  });
}
