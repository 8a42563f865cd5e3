import { type InstructionLine, readInstructionLines, type Span } from '#grammar';
import { type BuildFile, type Instruction, parseBuildFile, type Range } from '../instructions/index.ts';

/** The current content of a build file in an editor. It is often incomplete. */
export interface EditorDocument {
  /** Without byte order mark. All offsets are offsets in this text. */
  readonly source: string;
  readonly file: BuildFile;
  /** The lines of all instructions, also of invalid ones, which are not in `file`. */
  readonly lines: readonly InstructionLine[];
  readonly stages: readonly Stage[];
}

/** A stage: from its FROM to the next FROM. */
export interface Stage extends Span {
  readonly index: number;
  readonly from: Extract<Instruction, { readonly kind: 'from' }>;
  /** In lower case, because names are compared case-insensitively. */
  readonly name: string | undefined;
  /** Index of its base, if the base is a stage of this file. */
  readonly parent: number | undefined;
}

/** `source`: without byte order mark. */
export function openDocument(source: string): EditorDocument {
  const file = parseBuildFile(source);
  return { source, file, lines: readInstructionLines(source), stages: findStages(file) };
}

/** The stage at an offset; undefined before the first stage. */
export function findStageAt({ stages }: Pick<EditorDocument, 'stages'>, offset: number): Stage | undefined {
  return stages.findLast(({ start }) => start <= offset);
}

export function toSpan({ start, end }: Range): Span {
  return { start: start.offset, end: end.offset };
}

/** True if the offset is in the span or at one of its ends: a cursor behind the last character of a word is at the word. */
export function isAt({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

function findStages({ instructions }: BuildFile): readonly Stage[] {
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    const last = stages.at(-1);
    if (instruction.kind === 'from') {
      const name = instruction.as?.name.toLowerCase();
      const image = instruction.image.raw.toLowerCase();
      const parent = stages.findLast((stage) => stage.name === image)?.index;
      stages.push({ ...toSpan(instruction.range), index: stages.length, from: instruction, name, parent });
    } else if (last !== undefined) stages[stages.length - 1] = { ...last, end: instruction.range.end.offset };
  }
  return stages;
}
