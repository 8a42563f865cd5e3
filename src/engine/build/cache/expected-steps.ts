/** `--expect-cached`: which steps must be in the cache. */
import { MkimageError } from '../../../errors.ts';
import type { ExecutorServices } from '../../../executor/index.ts';
import type { Stage, WorkPlan } from '../../../plan/index.ts';

/** Returns whether a miss of a step is an error; undefined: of none. Throws `usage` for a name that fits no step of the plan. */
export function readExpectation(
  expected: readonly string[] | undefined,
  { stages }: Pick<WorkPlan, 'stages'>,
): ExecutorServices['expectsHit'] {
  if (expected === undefined) return undefined;
  const names = expected.filter((name) => name !== '' && name !== 'true');
  if (names.length === 0) return () => true;
  const unknown = names.find((name) => !stages.some((stage) => stage.steps.some((step) => fits(name, stage, step))));
  if (unknown !== undefined) throw createUnknownError(unknown, stages);
  return (stage, step) => names.some((name) => fits(name, stage, step));
}

/** A name of a stage, or the beginning of an instruction as it is shown. */
function fits(name: string, stage: Stage, step: { readonly name?: string }): boolean {
  if (name.toLowerCase() === (stage.name ?? String(stage.id))) return true;
  return step.name?.toLowerCase().startsWith(name.toLowerCase()) === true;
}

function createUnknownError(name: string, stages: readonly Stage[]): MkimageError {
  const named = stages.flatMap((stage) => stage.name ?? []);
  return new MkimageError('usage', `expect \`${name}\` in the cache: no step of this build has this name`, {
    hint: `name a stage${named.length === 0 ? '' : ` (${named.join(', ')})`} or the beginning of an instruction`,
  });
}
