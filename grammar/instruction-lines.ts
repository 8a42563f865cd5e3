/** The logical lines of all instructions, also of invalid ones. Editors need them while the user types. */
import { readDirectives } from './directives.ts';
import type { LogicalLine } from './logical-line.ts';
import type { Span } from './mapped-text.ts';
import { getLanguage } from './parse.ts';
import { getPayload } from './token-text.ts';

export interface InstructionLine extends Span {
  /** Without its heredocs, which end at `end`. */
  readonly line: LogicalLine;
}

export function readInstructionLines(source: string): readonly InstructionLine[] {
  const { escape: escapeCharacter } = readDirectives(source);
  const { tokens } = getLanguage().tokenize(source, escapeCharacter);
  return tokens.flatMap((token) => {
    if (token.tokenType.name !== 'LineEnd') return [];
    const { line } = getPayload(token);
    return [{ start: line.pieces[0]?.from ?? line.end, end: token.startOffset, line }];
  });
}

/** Converts an offset of the source to an offset in the text of the line. Between two pieces, it is the end of the first. */
export function findTextOffset(line: LogicalLine, offset: number): number {
  const index = line.pieces.findLastIndex(({ from }) => from <= offset);
  const piece = line.pieces[index];
  if (piece === undefined) return 0;
  return Math.min(piece.at + offset - piece.from, line.pieces[index + 1]?.at ?? line.text.length);
}
