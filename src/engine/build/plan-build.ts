/** From instructions to a closed plan: asks for bases until the plan needs no more. */

import type { BuildRequest, NamedContextInput } from '../../api/index.ts';
import type { BuildFile } from '../../instructions/index.ts';
import type { Platform } from '../../oci/index.ts';
import {
  type BaseAnswer,
  createPlan,
  type NamedContext,
  type PlanOutcome,
  type PlanRequest,
} from '../../plan/index.ts';
import type { EngineCall } from '../call.ts';
import type { Services } from '../services.ts';
import { answerBases } from './bases.ts';
import type { BuildInputs } from './inputs/build-inputs.ts';
import { findLayoutContexts, type LayoutContexts, layoutReference } from './inputs/layout-contexts.ts';
import { withNamedEpoch } from './inputs/named-epoch.ts';
import { withTriggerParser } from './inputs/trigger-parser.ts';

/** A plan, or what is wrong with the build file. */
export async function planBuild(
  services: Services,
  request: BuildRequest,
  inputs: BuildInputs,
  file: BuildFile,
  platform: Platform,
  call: EngineCall,
): Promise<Exclude<PlanOutcome, { readonly kind: 'needs' }>> {
  const layouts = await findLayoutContexts(request, call.cwd);
  const circumstances = await withNamedEpoch(
    services,
    { request, circumstances: planRequest(services, request, platform, layouts), file },
    inputs,
    call,
  );
  let bases: ReadonlyMap<string, BaseAnswer> = new Map();
  for (;;) {
    const outcome = await withTriggerParser((parseTrigger) =>
      createPlan(file, { ...circumstances, parseTrigger }, bases),
    );
    if (outcome.kind !== 'needs') return outcome;
    bases = new Map([...bases, ...(await answerBases(outcome.bases, services, { pull: request.pull, layouts }, call))]);
  }
}

export type Circumstances = Omit<PlanRequest, 'parseTrigger'>;

/** The circumstances of a build, as the plan wants them. */
export function planRequest(
  services: Services,
  request: BuildRequest,
  platform: Platform,
  layouts: LayoutContexts,
): Circumstances {
  const { epoch } = services.config;
  return {
    target: request.target,
    buildArgs: request.buildArgs,
    platform,
    implicitPlatform: request.platform === undefined,
    buildPlatform: services.config.platform,
    contexts: Object.fromEntries(
      Object.entries(request.namedContexts).map(([name, input]): [string, NamedContext] => [
        name,
        planContext(name, input, layoutReference(layouts, name)),
      ]),
    ),
    labels: request.labels,
    network: request.network,
    ...(epoch === undefined ? {} : { sourceDateEpoch: epoch }),
  };
}

function planContext(name: string, input: NamedContextInput, layout: string | undefined): NamedContext {
  if (layout !== undefined) return { kind: 'image', reference: layout, shown: name };
  return input.kind === 'image' ? { kind: 'image', reference: input.reference } : { kind: 'directory' };
}
