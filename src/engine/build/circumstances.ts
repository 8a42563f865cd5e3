import type { BuildRequest, NamedContextInput } from '../../api/index.ts';
import type { Platform } from '../../oci/index.ts';
import type { NamedContext, PlanRequest } from '../../plan/index.ts';
import type { Services } from '../services.ts';
import { findLayoutReference, type LayoutContexts } from './inputs/layout-contexts.ts';

/** Collects the circumstances of a build in the form that the plan needs. */
export function createPlanRequest(
  services: Services,
  request: BuildRequest,
  { platform, layouts }: { readonly platform: Platform; readonly layouts: LayoutContexts },
): PlanRequest {
  return {
    target: request.target,
    buildArgs: request.buildArgs,
    platform,
    implicitPlatform: request.platforms.length === 0,
    buildPlatform: services.config.platform,
    contexts: Object.fromEntries(
      Object.entries(request.namedContexts).map(([name, input]): [string, NamedContext] => [
        name,
        toNamedContext(name, input, findLayoutReference(layouts, name)),
      ]),
    ),
    labels: request.labels,
    network: request.network,
  };
}

function toNamedContext(name: string, input: NamedContextInput, layout: string | undefined): NamedContext {
  if (layout !== undefined) return { kind: 'image', reference: layout, shown: name };
  return input.kind === 'image' ? { kind: 'image', reference: input.reference } : { kind: 'directory' };
}
