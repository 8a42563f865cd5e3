import { createEpochHint, readEpoch } from '../../oci/index.ts';
import type { PlanRequest } from '../request.ts';
import { Fault } from '../words/fault.ts';
import { createGrowingMap } from '../words/growing-collections.ts';
import { type Scope, withVariable } from '../words/scope.ts';
import { findEpochName, resolveEpochName } from './epoch-source.ts';
import { findBuildArg, type GlobalArgs } from './global-args.ts';
import type { StageSource } from './stage.ts';

const NAME = 'SOURCE_DATE_EPOCH';

/** If SOURCE_DATE_EPOCH is a name, `scope` and `buildArgs` contain the time instead of the name, or no value without a time. */
export interface ResolvedEpoch {
  readonly epoch: number | undefined;
  readonly scope: Scope;
  readonly buildArgs: PlanRequest['buildArgs'];
}

/**
 * Evaluates SOURCE_DATE_EPOCH. If it is the name of a context or stage, checks that this exists and takes its time from the
 * request. Throws a Fault.
 */
export function resolveEpoch(
  request: PlanRequest,
  { scope }: Pick<GlobalArgs, 'scope'>,
  stages: readonly StageSource[],
): ResolvedEpoch {
  const name = findEpochName(request, scope);
  const { buildArgs, namedEpoch: epoch } = request;
  if (name === undefined) return { epoch: readEpochSeconds(request, scope), scope, buildArgs };
  resolveEpochName(name, request, { stages, globals: scope });
  const { [NAME]: given, ...otherArgs } = buildArgs;
  const others: Scope = createGrowingMap([...scope].filter(([variable]) => variable !== NAME));
  if (epoch === undefined) return { epoch, scope: others, buildArgs: otherArgs };
  if (readEpoch(String(epoch)) === undefined) {
    throw new Fault('invalid-epoch', `invalid SOURCE_DATE_EPOCH: ${name} has the time ${epoch}`, {
      hint: 'the time of an image must be between the years 0 and 9999',
    });
  }
  return {
    epoch,
    scope: scope.has(NAME) ? withVariable(others, NAME, String(epoch)) : others,
    buildArgs: given === undefined ? buildArgs : { ...otherArgs, [NAME]: String(epoch) },
  };
}

/** SOURCE_DATE_EPOCH in seconds, from the build argument or a global ARG. Throws a Fault. */
function readEpochSeconds(request: PlanRequest, globals: Scope): number | undefined {
  const text = findBuildArg(request.buildArgs, 'SOURCE_DATE_EPOCH') ?? globals.get('SOURCE_DATE_EPOCH');
  if (text === undefined || text === '') return undefined;
  const seconds = readEpoch(text);
  if (seconds !== undefined) return seconds;
  throw new Fault('invalid-epoch', `invalid SOURCE_DATE_EPOCH: ${text}`, { hint: createEpochHint(text) });
}
