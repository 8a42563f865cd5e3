/** Changes of a text. */
import type { Fix, TextEdit } from '../instructions/index.ts';

/**
 * The text with fixes applied, as many as do not touch one another: of two that do, the first counts. A byte order mark
 * stays where it is, for offsets do not count it.
 */
export function applyFixes(text: string, fixes: readonly Fix[]): { readonly text: string; readonly applied: number } {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const taken: TextEdit[] = [];
  let applied = 0;
  for (const { edits } of fixes) {
    if (edits.some((edit) => taken.some((other) => touches(edit, other)))) continue;
    for (const edit of edits) taken.push(edit);
    applied += 1;
  }
  return { text: mark + applyEdits(text.slice(mark.length), taken), applied };
}

function touches(a: TextEdit, b: TextEdit): boolean {
  const [from, to] = [a.range.start.offset, a.range.end.offset];
  const [start, end] = [b.range.start.offset, b.range.end.offset];
  return from <= end && start <= to;
}

function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const { range, text: inserted } of edits.toSorted((a, b) => a.range.start.offset - b.range.start.offset)) {
    result += text.slice(at, range.start.offset) + inserted;
    at = range.end.offset;
  }
  return result + text.slice(at);
}
