import { epochHint, readEpoch } from '../../oci/index.ts';
import type { PlanRequest } from '../request.ts';
import { Fault } from '../words/fault.ts';
import { growingMap } from '../words/growing.ts';
import { type Scope, withVariable } from '../words/scope.ts';
import { namedEpoch, sourceNamed } from './epoch-source.ts';
import { buildArg, type GlobalArgs } from './global-args.ts';
import type { StageSource } from './stage.ts';

const NAME = 'SOURCE_DATE_EPOCH';

/** Where SOURCE_DATE_EPOCH was a name it is its time in both, or is not set. */
export interface SettledEpoch {
  readonly epoch: number | undefined;
  readonly scope: Scope;
  readonly buildArgs: PlanRequest['buildArgs'];
}

/**
 * What SOURCE_DATE_EPOCH comes to, which may name what has the time: a context, or a stage. That it does is made sure of; the
 * time itself is in the request. Throws a Fault.
 */
export function settleEpoch(
  request: PlanRequest,
  { scope }: Pick<GlobalArgs, 'scope'>,
  stages: readonly StageSource[],
): SettledEpoch {
  const name = namedEpoch(request, scope);
  const { buildArgs, namedEpoch: epoch } = request;
  if (name === undefined) return { epoch: epochOf(request, scope), scope, buildArgs };
  sourceNamed(name, stages, scope, request);
  const { [NAME]: given, ...otherArgs } = buildArgs;
  const others: Scope = growingMap([...scope].filter(([variable]) => variable !== NAME));
  if (epoch === undefined) return { epoch, scope: others, buildArgs: otherArgs };
  if (readEpoch(String(epoch)) === undefined) {
    throw new Fault('invalid-epoch', `invalid SOURCE_DATE_EPOCH: ${name} is of the time ${epoch}`, {
      hint: 'no image can have a time before the year 0 or after 9999',
    });
  }
  return {
    epoch,
    scope: scope.has(NAME) ? withVariable(others, NAME, String(epoch)) : others,
    buildArgs: given === undefined ? buildArgs : { ...otherArgs, [NAME]: String(epoch) },
  };
}

/** Seconds from SOURCE_DATE_EPOCH: the build argument, or a global ARG. Throws a Fault. */
function epochOf(request: PlanRequest, globals: Scope): number | undefined {
  const text = buildArg(request.buildArgs, 'SOURCE_DATE_EPOCH') ?? globals.get('SOURCE_DATE_EPOCH');
  if (text === undefined || text === '') return undefined;
  const seconds = readEpoch(text);
  if (seconds !== undefined) return seconds;
  throw new Fault('invalid-epoch', `invalid SOURCE_DATE_EPOCH: ${text}`, { hint: epochHint(text) });
}
