/** The position of a cursor in a build file. */
import { findTextOffset, type InstructionLine, readPhysicalLine, type Span } from '#grammar';
import { type EditorDocument, isAt } from './document.ts';

export type Place =
  /** `text`: the instruction up to the cursor, continuations joined. */
  | { readonly kind: 'instruction'; readonly text: string; readonly line: InstructionLine; readonly at: number }
  | { readonly kind: 'heredoc'; readonly text: string }
  /** `text`: from the `#` to the cursor. `isHead`: there are only comments before it. */
  | { readonly kind: 'comment'; readonly text: string; readonly isHead: boolean }
  | { readonly kind: 'nothing' };

export function findPlace({ lines, source }: EditorDocument, offset: number): Place {
  const found = lines.findLast((line) => line.start <= offset && isAt(line, offset));
  const before = source.slice(source.lastIndexOf('\n', offset - 1) + 1, offset);
  if (found !== undefined && offset > found.line.end) return { kind: 'heredoc', text: before };
  if (/^\s*#/.test(before)) return { kind: 'comment', text: before.trimStart(), isHead: isHead(source, offset) };
  if (found === undefined) return { kind: 'nothing' };
  const at = findTextOffset(found.line, offset);
  return { kind: 'instruction', text: found.line.text.slice(0, at), line: found, at };
}

/** The word around an offset of a text: all adjacent characters that match `letter`. */
export function findWordAround(text: string, at: number, letter: RegExp): Span {
  let [start, end] = [at, at];
  while (start > 0 && letter.test(text.charAt(start - 1))) start -= 1;
  while (end < text.length && letter.test(text.charAt(end))) end += 1;
  return { start, end };
}

function isHead(source: string, offset: number): boolean {
  for (let at = 0; at < offset; at = readPhysicalLine(source, at).next) {
    if (!source.startsWith('#', at)) return false;
    if (readPhysicalLine(source, at).next === at) return true;
  }
  return true;
}
