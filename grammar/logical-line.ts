/** Physical lines, and logical lines: physical lines joined by escape characters at their ends. */
import { skipSpace } from './characters.ts';
import type { MappedText, Piece, Span } from './mapped-text.ts';

export type EscapeCharacter = '\\' | '`';

/** Longest line of BuildKit, in bytes of UTF-8 without its line feed. */
export const LONGEST_LINE = 65_535;

export interface PhysicalLine {
  readonly start: number;
  /** Without the line feed and the carriage returns before it. */
  readonly end: number;
  /** Start of the next line, or the length of the source. */
  readonly next: number;
}

/** The line of an instruction: continuations joined, without comments and empty lines. */
export interface LogicalLine extends MappedText {
  /** End of the last physical line, in the source. */
  readonly end: number;
  readonly emptyLines: readonly Span[];
}

export function readPhysicalLine(source: string, start: number): PhysicalLine {
  const feed = source.indexOf('\n', start);
  const next = feed < 0 ? source.length : feed + 1;
  let end = feed < 0 ? source.length : feed;
  while (end > start && source[end - 1] === '\r') end -= 1;
  return { start, end, next };
}

export function isCommentLine(source: string, line: PhysicalLine): boolean {
  return source[skipSpace(source, line.start, line.end)] === '#';
}

/** Joins the lines from `start`. Removes leading space of the first line and keeps that of the others. */
export function readLogicalLine(source: string, start: number, escapeCharacter: EscapeCharacter): LogicalLine {
  let line = readPhysicalLine(source, start);
  let from = skipSpace(source, line.start, line.end);
  const pieces: Piece[] = [];
  const emptyLines: Span[] = [];
  let text = '';
  for (let reading = true; reading; ) {
    const cut = findContinuation(source, escapeCharacter, { start: from, end: line.end });
    pieces.push({ at: text.length, from });
    text += source.slice(from, cut ?? line.end);
    reading = cut !== undefined && line.next < source.length;
    if (!reading) break;
    const following = findNextContentLine(source, line.next, emptyLines);
    line = following.line;
    from = line.start;
    reading = following.hasContent;
  }
  return { text, pieces: removeEmptyPieces(pieces, text.length), sourceEnd: line.end, end: line.end, emptyLines };
}

/** The next line that is neither a comment nor empty. At the end of the file, the last line. */
function findNextContentLine(
  source: string,
  start: number,
  emptyLines: Span[],
): { readonly line: PhysicalLine; readonly hasContent: boolean } {
  let line = readPhysicalLine(source, start);
  for (;;) {
    const isEmpty = skipSpace(source, line.start, line.end) === line.end;
    if (isEmpty) emptyLines.push({ start: line.start, end: line.end });
    else if (!isCommentLine(source, line)) return { line, hasContent: true };
    if (line.next >= source.length) return { line, hasContent: false };
    line = readPhysicalLine(source, line.next);
  }
}

/**
 * The offset of the escape character that continues a line, or undefined. Blanks may follow it. Two escape characters are text.
 * Like BuildKit, this checks only the character before it, so three escape characters are text too.
 */
export function findContinuation(
  source: string,
  escapeCharacter: EscapeCharacter,
  { start, end }: Span,
): number | undefined {
  let at = end;
  while (at > start && (source[at - 1] === ' ' || source[at - 1] === '\t')) at -= 1;
  if (at === start || source[at - 1] !== escapeCharacter) return undefined;
  return at - 1 > start && source[at - 2] === escapeCharacter ? undefined : at - 1;
}

/** Removes pieces without a character (a single escape character), because they would break the search for an offset. */
function removeEmptyPieces(pieces: readonly Piece[], length: number): readonly Piece[] {
  if (pieces.length === 1) return pieces;
  const kept = pieces.filter((piece, index) => (pieces[index + 1]?.at ?? length) > piece.at);
  return kept.length > 0 ? kept : pieces.slice(0, 1);
}

/** Lines that are longer than `LONGEST_LINE`. */
export function findLongLines(source: string): readonly Span[] {
  const found: Span[] = [];
  for (let start = 0; start < source.length; ) {
    const feed = source.indexOf('\n', start);
    const end = feed < 0 ? source.length : feed;
    if (end - start > LONGEST_LINE / 3 && countBytes(source, start, end) > LONGEST_LINE) found.push({ start, end });
    start = end + 1;
  }
  return found;
}

function countBytes(text: string, start: number, end: number): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    const isHalfPair = code >= 0xd800 && code <= 0xdfff;
    if (code < 0x80) bytes += 1;
    else bytes += code < 0x800 || isHalfPair ? 2 : 3;
  }
  return bytes;
}
