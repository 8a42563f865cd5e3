/**
 * Checks what steps may do only with permission of the caller: a build file alone must not weaken the isolation of its
 * steps.
 */

import type { BuildRequest } from '../../api/index.ts';
import type { Diagnostic } from '../../instructions/index.ts';
import type { BuildPlan, RunStep } from '../../plan/index.ts';

type Entitlement = 'security.insecure' | 'network.host';

/**
 * Returns an error for each step that needs an entitlement without `--allow`. `--network host` gives network access to
 * every step.
 */
export function findRefusedSteps(
  plan: BuildPlan,
  request: Pick<BuildRequest, 'allow' | 'network'>,
): readonly Diagnostic[] {
  const given = new Set<string>([...request.allow, ...(request.network === 'host' ? ['network.host'] : [])]);
  const steps = plan.stages.flatMap((stage) => stage.steps.filter((step) => step.kind === 'run'));
  return steps.flatMap((step) =>
    entitlementsOf(step)
      .filter((entitlement) => !given.has(entitlement))
      .map((entitlement): Diagnostic => {
        const hint = `if you trust this build file, use \`--allow ${entitlement}\``;
        const message = `\`${entitlement}\` is not allowed`;
        return { severity: 'error', code: 'not-allowed', message, hint, range: step.range };
      }),
  );
}

function entitlementsOf({ security, network }: RunStep): readonly Entitlement[] {
  return [
    ...(security === 'insecure' ? (['security.insecure'] as const) : []),
    ...(network === 'host' ? (['network.host'] as const) : []),
  ];
}
