import { Fault } from '../words/fault.ts';
import { suggestNearest } from '../words/suggestion.ts';
import type { StageSource } from './stage.ts';

/** Finds the stage for `--target`, by name or number; the last stage without `--target`. Throws a Fault. */
export function findTarget(stages: readonly StageSource[], target: string | undefined): StageSource {
  if (target === undefined || target === '') return stages.at(-1)!;
  const named = stages.findLast(({ name }) => name === target.toLowerCase());
  const numbered = /^\d+$/.test(target) ? stages[Number(target)] : undefined;
  const found = named ?? numbered;
  if (found) return found;
  const names = stages.flatMap(({ name }) => name ?? []);
  const listed = names.length > 0 ? `known stages: ${names.join(', ')}` : 'no stage in this file has a name';
  throw new Fault('unknown-target', `target stage \`${target}\` could not be found`, {
    hint: suggestNearest(target, names) ?? listed,
    range: stages.at(-1)!.from.range,
  });
}
