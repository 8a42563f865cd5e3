/** The physical lines of a logical line, for the formatter. */
import { skipSpace } from './characters.ts';
import { type EscapeCharacter, findContinuation, isCommentLine, readPhysicalLine } from './logical-line.ts';
import type { Span } from './mapped-text.ts';

/** One physical line. Its span has no line end; the span of a content line has no escape character. */
export interface LinePart extends Span {
  readonly kind: 'content' | 'comment' | 'empty';
}

/** Reads the physical lines of an instruction. `start` is in its first line, `end` is the end of its logical line. */
export function readLineLayout(
  source: string,
  escapeCharacter: EscapeCharacter,
  { start, end }: { readonly start: number; readonly end: number },
): LinePart[] {
  const parts: LinePart[] = [];
  for (let at = start; at < end || parts.length === 0; ) {
    const line = readPhysicalLine(source, at);
    const isEmpty = skipSpace(source, at, line.end) === line.end;
    if (parts.length > 0 && isEmpty) parts.push({ kind: 'empty', start: at, end: line.end });
    else if (parts.length > 0 && isCommentLine(source, line)) {
      parts.push({ kind: 'comment', start: skipSpace(source, at, line.end), end: line.end });
    } else parts.push(createContentPart(source, escapeCharacter, { start: at, lineEnd: line.end }));
    at = line.next;
  }
  return parts;
}

/** True if the text, as a line, would continue on the next line. */
export function isContinued(text: string, escapeCharacter: EscapeCharacter): boolean {
  return findContinuation(text, escapeCharacter, { start: 0, end: text.length }) !== undefined;
}

function createContentPart(
  source: string,
  escapeCharacter: EscapeCharacter,
  { start, lineEnd }: { readonly start: number; readonly lineEnd: number },
): LinePart {
  return { kind: 'content', start, end: findContinuation(source, escapeCharacter, { start, end: lineEnd }) ?? lineEnd };
}
