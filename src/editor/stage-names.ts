/** Where stages are named and used: FROM, COPY --from, RUN --mount=from=. */
import type { Instruction, Word } from '../instructions/index.ts';
import { type EditorDocument, type Stage, spanOf } from './document.ts';
import type { Occurrence } from './occurrence.ts';

export interface StageOccurrence extends Occurrence {
  /** Index of the stage that is meant. */
  readonly stage: number;
}

/** In the order of the file. */
export function stageOccurrences({ file, stages }: EditorDocument): readonly StageOccurrence[] {
  let current = -1;
  return file.instructions.flatMap((instruction): readonly StageOccurrence[] => {
    if (instruction.kind === 'from') current += 1;
    const uses = stageWords(instruction).flatMap((word) => useOf(word, instruction, stages, current));
    return [...uses, ...definitionIn(instruction, current)];
  });
}

function definitionIn(instruction: Instruction, stage: number): readonly StageOccurrence[] {
  if (instruction.kind !== 'from' || instruction.as === undefined) return [];
  const { name, range } = instruction.as;
  return [{ name: name.toLowerCase(), role: 'definition', stage, ...spanOf(range) }];
}

/** The words of an instruction that may name a stage. Triggers are left out: they are for stages of other files. */
function stageWords(instruction: Instruction): readonly Word[] {
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

/** FROM means an earlier stage; the others may mean any but their own. A number is no name. */
function useOf(
  word: Word,
  { kind }: Instruction,
  stages: readonly Stage[],
  current: number,
): readonly StageOccurrence[] {
  const name = word.raw.toLowerCase();
  const isMeant = (stage: Stage) =>
    stage.name === name && (kind === 'from' ? stage.index < current : stage.index !== current);
  const meant = stages.findLast(isMeant);
  return meant === undefined ? [] : [{ name, role: 'use', stage: meant.index, ...spanOf(word.range) }];
}
