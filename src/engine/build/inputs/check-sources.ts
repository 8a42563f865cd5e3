/** Checks that the sources of a build exist in its contexts. */

import type { BuildRequest } from '../../../api/index.ts';
import { contextSources, sourceFault } from '../../../executor/index.ts';
import type { Diagnostic } from '../../../instructions/index.ts';
import type { Step } from '../../../plan/index.ts';
import type { Call } from '../../../progress.ts';
import { describeMissing } from '../executor-services.ts';
import type { BuildInputs } from './build-inputs.ts';

/** Returns an error for each missing source. Skips contexts that would have to be fetched. */
export async function checkSources(
  steps: readonly Step[],
  {
    inputs,
    request: { namedContexts },
  }: { readonly inputs: BuildInputs; readonly request: Pick<BuildRequest, 'namedContexts'> },
  call: Call,
): Promise<readonly Diagnostic[]> {
  const services = {
    context: inputs.openContext,
    describeMissing: (...missing: [Parameters<typeof describeMissing>[1], string]) =>
      describeMissing(inputs, ...missing),
  };
  const found: Diagnostic[] = [];
  for (const source of contextSources(steps)) {
    if (source.context !== '' && namedContexts[source.context]?.kind !== 'directory') continue;
    const fault = await sourceFault(source, services, call);
    if (fault === undefined) continue;
    const hint = fault.hint === undefined ? {} : { hint: fault.hint };
    found.push({ severity: 'error', code: fault.code, message: fault.message, ...hint, range: source.step.range });
  }
  return found;
}
