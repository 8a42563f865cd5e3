import type { BuildRequest, NamedContextInput } from '../../api/index.ts';
import type { Platform } from '../../oci/index.ts';
import type { NamedContext, PlanRequest } from '../../plan/index.ts';
import type { Services } from '../services.ts';
import { type LayoutContexts, layoutReference } from './inputs/layout-contexts.ts';

/** Collects the circumstances of a build in the form that the plan needs. */
export function planRequest(
  services: Services,
  request: BuildRequest,
  platform: Platform,
  layouts: LayoutContexts,
): PlanRequest {
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
  };
}

function planContext(name: string, input: NamedContextInput, layout: string | undefined): NamedContext {
  if (layout !== undefined) return { kind: 'image', reference: layout, shown: name };
  return input.kind === 'image' ? { kind: 'image', reference: input.reference } : { kind: 'directory' };
}
