/** Turns instructions into a closed plan. */

import type { BuildRequest } from '../../api/index.ts';
import type { BuildFile } from '../../instructions/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import { type BuildPlan, createPlan, type PlanOutcome } from '../../plan/index.ts';
import type { EngineCall } from '../call.ts';
import type { Services } from '../services.ts';
import { answerBases } from './bases.ts';
import { planRequest } from './circumstances.ts';
import type { BuildInputs } from './inputs/build-inputs.ts';
import { findLayoutContexts } from './inputs/layout-contexts.ts';
import { withNamedEpoch } from './inputs/named-epoch.ts';
import { settlePlan } from './settle-plan.ts';

/** Returns a plan, or the errors of the build file. */
export async function planBuild(
  services: Services,
  request: BuildRequest,
  inputs: BuildInputs,
  file: BuildFile,
  platform: Platform,
  call: EngineCall,
): Promise<PlanOutcome> {
  const layouts = await findLayoutContexts(request, call.cwd);
  const circumstances = await withNamedEpoch(
    services,
    { request, circumstances: planRequest(services, request, platform, layouts), file },
    inputs,
    call,
  );
  const outcome = await settlePlan(createPlan(file, circumstances), (bases) =>
    answerBases(bases, services, { pull: request.pull, layouts }, call),
  );
  if (outcome.kind === 'plan') tellPlan(outcome.plan, file, call);
  return outcome;
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
