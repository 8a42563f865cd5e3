import { Fault } from '../words/fault.ts';
import { didYouMean } from '../words/nearest.ts';
import type { StageSource } from './stage.ts';

/** The stage that `--target` names, by name or number; the last one if it names none. Throws a Fault. */
export function findTarget(stages: readonly StageSource[], target: string | undefined): StageSource {
  if (target === undefined || target === '') return stages.at(-1)!;
  const named = stages.findLast(({ name }) => name === target.toLowerCase());
  const numbered = /^\d+$/.test(target) ? stages[Number(target)] : undefined;
  const found = named ?? numbered;
  if (found) return found;
  const names = stages.flatMap(({ name }) => name ?? []);
  const listed = names.length > 0 ? `stages are ${names.join(', ')}` : 'no stage of this file has a name';
  throw new Fault('unknown-target', `target stage \`${target}\` could not be found`, {
    hint: didYouMean(target, names) ?? listed,
    range: stages.at(-1)!.from.range,
  });
}
