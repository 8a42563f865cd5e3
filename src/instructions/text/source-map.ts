/** From the text of an instruction, as it is understood, back to the places in the source that it was put together from. */
import { type EscapeCharacter, type MappedText, readLogicalLine, type Span, sourceSpan } from '#grammar';
import type { Instruction } from '../instruction.ts';
import { createRangeOf } from './positions.ts';
import type { Range } from './range.ts';

/** An instruction's line: continuations joined, comments and heredoc bodies left out. It begins with the keyword. */
export interface SourceLine {
  readonly text: string;
  /** Where a part of the text stands; it covers the continuations inside the part, never those around it. */
  range(from: number, to: number): Range;
}

export interface SourceMap {
  /** Without a byte order mark: what offsets count in. */
  readonly text: string;
  line(instruction: Pick<Instruction, 'range'>): SourceLine;
  /** A piece of the source as it stands. */
  range(start: number, end: number): Range;
}

/** `text` as the file has it; a byte order mark is left out, as the parser does. */
export function createSourceMap(text: string, escapeCharacter: EscapeCharacter): SourceMap {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const rangeOf = createRangeOf(source);
  return {
    text: source,
    line: ({ range }) => lineAt(readLogicalLine(source, range.start.offset, escapeCharacter), rangeOf),
    range: (start, end) => rangeOf({ start, end }),
  };
}

function lineAt(mapped: MappedText, rangeOf: (span: Span) => Range): SourceLine {
  return { text: mapped.text, range: (from, to) => rangeOf(sourceSpan(mapped, from, to)) };
}
