/** Finds definitions and uses of stage names: FROM, COPY --from, RUN --mount=from=. */
import type { Instruction, Word } from '../instructions/index.ts';
import { type EditorDocument, type Stage, toSpan } from './document.ts';
import type { Occurrence } from './occurrence.ts';

export interface StageOccurrence extends Occurrence {
  /** Index of the stage. */
  readonly stage: number;
}

/** In file order. */
export function findStageOccurrences({ file, stages }: EditorDocument): readonly StageOccurrence[] {
  let current = -1;
  return file.instructions.flatMap((instruction): readonly StageOccurrence[] => {
    if (instruction.kind === 'from') current += 1;
    const uses = findStageWords(instruction).flatMap((word) => findStageUse(word, stages, { instruction, current }));
    return [...uses, ...findStageDefinition(instruction, current)];
  });
}

function findStageDefinition(instruction: Instruction, stage: number): readonly StageOccurrence[] {
  if (instruction.kind !== 'from' || instruction.as === undefined) return [];
  const { name, range } = instruction.as;
  return [{ name: name.toLowerCase(), role: 'definition', stage, ...toSpan(range) }];
}

/** The words of an instruction that can be stage names. Not of triggers, because they run in other files. */
function findStageWords(instruction: Instruction): readonly Word[] {
  switch (instruction.kind) {
    case 'from':
      return [instruction.image];
    case 'copy':
      return instruction.from === undefined ? [] : [instruction.from];
    case 'run':
      return instruction.mounts.flatMap(({ options }) =>
        options.flatMap(({ key, value }) => (key === 'from' && value !== undefined ? [value] : [])),
      );
    default:
      return [];
  }
}

/** FROM can use earlier stages only; COPY and RUN can use all stages except their own. Stage numbers are ignored. */
function findStageUse(
  word: Word,
  stages: readonly Stage[],
  { instruction: { kind }, current }: { readonly instruction: Instruction; readonly current: number },
): readonly StageOccurrence[] {
  const name = word.raw.toLowerCase();
  const isCandidate = (stage: Stage) =>
    stage.name === name && (kind === 'from' ? stage.index < current : stage.index !== current);
  const meant = stages.findLast(isCandidate);
  return meant === undefined ? [] : [{ name, role: 'use', stage: meant.index, ...toSpan(word.range) }];
}
