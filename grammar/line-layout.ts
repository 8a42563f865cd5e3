/** How a logical line lies in the source: its pieces of text, and what stands between them. For those who rewrite it. */
import { skipSpace } from './characters.ts';
import { continuationStart, type EscapeCharacter, isCommentLine, physicalLineAt } from './logical-line.ts';
import type { Span } from './mapped-text.ts';

/** One physical line of a logical one. Spans are without line ends; that of a content line also without its escape character. */
export interface LinePart extends Span {
  readonly kind: 'content' | 'comment' | 'empty';
}

/** The physical lines from offset `start`, in the line where an instruction begins, to `end`, the end of its logical line. */
export function lineLayout(source: string, start: number, end: number, escapeCharacter: EscapeCharacter): LinePart[] {
  const parts: LinePart[] = [];
  for (let at = start; at < end || parts.length === 0; ) {
    const line = physicalLineAt(source, at);
    const isEmpty = skipSpace(source, at, line.end) === line.end;
    if (parts.length > 0 && isEmpty) parts.push({ kind: 'empty', start: at, end: line.end });
    else if (parts.length > 0 && isCommentLine(source, line)) {
      parts.push({ kind: 'comment', start: skipSpace(source, at, line.end), end: line.end });
    } else parts.push(contentPart(source, at, line.end, escapeCharacter));
    at = line.next;
  }
  return parts;
}

/** True if the text, as a line of its own, would be continued by the line after it. */
export function isContinued(text: string, escapeCharacter: EscapeCharacter): boolean {
  return continuationStart(text, 0, text.length, escapeCharacter) !== undefined;
}

function contentPart(source: string, start: number, lineEnd: number, escapeCharacter: EscapeCharacter): LinePart {
  return { kind: 'content', start, end: continuationStart(source, start, lineEnd, escapeCharacter) ?? lineEnd };
}
