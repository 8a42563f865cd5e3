import { epochHint, readEpoch } from '../oci/index.ts';
import { Fault } from './fault.ts';
import { buildArg } from './global-args.ts';
import type { PlanRequest } from './request.ts';
import type { Scope } from './scope.ts';

/**
 * Seconds from SOURCE_DATE_EPOCH: the build argument, a global ARG, or the environment. `context` asks for the time of the
 * context, which a directory does not have. Throws a Fault.
 */
export function epochOf(request: PlanRequest, globals: Scope): number | undefined {
  const text = buildArg(request.buildArgs, 'SOURCE_DATE_EPOCH') ?? globals.get('SOURCE_DATE_EPOCH');
  if (text === undefined) return request.sourceDateEpoch;
  if (text === '' || text === 'context') return undefined;
  const seconds = readEpoch(text);
  if (seconds !== undefined) return seconds;
  throw new Fault('invalid-epoch', `invalid SOURCE_DATE_EPOCH: ${text}`, { hint: epochHint(text) });
}
