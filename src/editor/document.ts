import { type InstructionLine, instructionLines, type Span } from '#grammar';
import { type BuildFile, type Instruction, parseBuildFile, type Range } from '../instructions/index.ts';

/** A build file that is open in an editor, as it is right now: mostly half written. */
export interface EditorDocument {
  /** Without a byte order mark; all offsets count from here. */
  readonly source: string;
  readonly file: BuildFile;
  /** Of all instructions, also those that `file` leaves out because they are faulty. */
  readonly lines: readonly InstructionLine[];
  readonly stages: readonly Stage[];
}

/** One FROM, up to the next. */
export interface Stage extends Span {
  readonly index: number;
  readonly from: Extract<Instruction, { readonly kind: 'from' }>;
  /** In lower case, as names are compared. */
  readonly name: string | undefined;
  /** Index of the stage that it is based on, if that is one of this file. */
  readonly parent: number | undefined;
}

/** `source`: without a byte order mark. */
export function openDocument(source: string): EditorDocument {
  const file = parseBuildFile(source);
  return { source, file, lines: instructionLines(source), stages: stagesOf(file) };
}

/** The stage that an offset is in; undefined before the first. */
export function stageAt({ stages }: Pick<EditorDocument, 'stages'>, offset: number): Stage | undefined {
  return stages.findLast(({ start }) => start <= offset);
}

export function spanOf({ start, end }: Range): Span {
  return { start: start.offset, end: end.offset };
}

/** Both ends count: a cursor behind the last character of a word is still at the word. */
export function isAt({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

function stagesOf({ instructions }: BuildFile): readonly Stage[] {
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    const last = stages.at(-1);
    if (instruction.kind === 'from') {
      const name = instruction.as?.name.toLowerCase();
      const image = instruction.image.raw.toLowerCase();
      const parent = stages.findLast((stage) => stage.name === image)?.index;
      stages.push({ ...spanOf(instruction.range), index: stages.length, from: instruction, name, parent });
    } else if (last !== undefined) stages[stages.length - 1] = { ...last, end: instruction.range.end.offset };
  }
  return stages;
}
