/** Maps the joined text of an instruction back to positions in the source. */
import { type EscapeCharacter, findSourceSpan, type MappedText, readLogicalLine, type Span } from '#grammar';
import type { Instruction } from '../instruction.ts';
import { createRangeOf } from './positions.ts';
import type { Range } from './range.ts';

/** The text of an instruction, from its keyword: continuations joined, without comments and heredoc bodies. */
export interface SourceLine {
  readonly text: string;
  /** The range of a part of the text in the source. It includes continuations inside the part, not those around it. */
  toRange(from: number, to: number): Range;
}

export interface SourceMap {
  /** The source without byte order mark. Offsets count from its start. */
  readonly text: string;
  line(instruction: Pick<Instruction, 'range'>): SourceLine;
  /** The range between two offsets of the source. */
  toRange(start: number, end: number): Range;
}

/** `text`: the content of the file. A byte order mark is removed, as in the parser. */
export function createSourceMap(text: string, escapeCharacter: EscapeCharacter): SourceMap {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const rangeOf = createRangeOf(source);
  return {
    text: source,
    line: ({ range }) => createSourceLine(readLogicalLine(source, range.start.offset, escapeCharacter), rangeOf),
    toRange: (start, end) => rangeOf({ start, end }),
  };
}

function createSourceLine(mapped: MappedText, rangeOf: (span: Span) => Range): SourceLine {
  return { text: mapped.text, toRange: (from, to) => rangeOf(findSourceSpan(mapped, from, to)) };
}
