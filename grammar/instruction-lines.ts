/** The logical lines of instructions, also of those that are not well formed: what an editor asks for while somebody types. */
import { readDirectives } from './directives.ts';
import type { LogicalLine } from './logical-line.ts';
import type { Span } from './mapped-text.ts';
import { parsingLanguage } from './parse.ts';
import { payloadOf } from './token-text.ts';

export interface InstructionLine extends Span {
  /** Without the heredocs that follow it up to `end`. */
  readonly line: LogicalLine;
}

export function instructionLines(source: string): readonly InstructionLine[] {
  const { escape: escapeCharacter } = readDirectives(source);
  const { tokens } = parsingLanguage().tokenize(source, escapeCharacter);
  return tokens.flatMap((token) => {
    if (token.tokenType.name !== 'LineEnd') return [];
    const { line } = payloadOf(token);
    return [{ start: line.pieces[0]?.from ?? line.end, end: token.startOffset, line }];
  });
}

/** Where in the text of the line the source goes on at `offset`; between two pieces of it, the end of the first. */
export function textOffset(line: LogicalLine, offset: number): number {
  const index = line.pieces.findLastIndex(({ from }) => from <= offset);
  const piece = line.pieces[index];
  if (piece === undefined) return 0;
  return Math.min(piece.at + offset - piece.from, line.pieces[index + 1]?.at ?? line.text.length);
}
