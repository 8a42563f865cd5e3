import type { Arg, BuildFile, From, Instruction } from '../../instructions/index.ts';
import type { StageId } from '../build-plan.ts';

/** Any instruction inside a stage. */
export type StageInstruction = Exclude<Instruction, From>;

/** One FROM and the instructions after it. */
export interface StageSource {
  readonly id: StageId;
  readonly from: From;
  /** In lower case, because names are compared case-insensitively. */
  readonly name: string | undefined;
  readonly instructions: readonly StageInstruction[];
}

export interface StagedFile {
  /** ARG instructions before the first FROM. */
  readonly globals: readonly Arg[];
  readonly stages: readonly StageSource[];
}

/** Splits the file into stages. Ignores instructions other than ARG before the first FROM; the parser reports them. */
export function splitStages(file: Pick<BuildFile, 'instructions'>): StagedFile {
  const globals: Arg[] = [];
  const stages: (StageSource & { instructions: StageInstruction[] })[] = [];
  for (const instruction of file.instructions) {
    const current = stages.at(-1);
    if (instruction.kind === 'from') {
      const name = instruction.as?.name.toLowerCase();
      stages.push({ id: stages.length, from: instruction, name, instructions: [] });
    } else if (current) current.instructions.push(instruction);
    else if (instruction.kind === 'arg') globals.push(instruction);
  }
  return { globals, stages };
}

/** The name of a stage in messages: its name, or `stage-2`. */
export function formatStageTitle(stage: Pick<StageSource, 'id' | 'name'>): string {
  return stage.name ?? `stage-${stage.id}`;
}

/** `# NAME text` directly above an instruction describes NAME. */
export function findDescription(instruction: Pick<Instruction, 'comments'>, name: string): string | undefined {
  const line = instruction.comments.map(({ text }) => text.trim()).find((text) => text.startsWith(`${name} `));
  return line?.slice(name.length + 1);
}
