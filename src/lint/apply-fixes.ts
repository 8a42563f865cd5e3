/** Applies fixes to the text of a build file. */
import type { Fix, TextEdit } from '../instructions/index.ts';

/**
 * Applies fixes in order. A fix is skipped if it overlaps or touches an earlier one. A byte order mark stays at the beginning;
 * offsets do not include it.
 */
export function applyFixes(text: string, fixes: readonly Fix[]): { readonly text: string; readonly applied: number } {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const taken: TextEdit[] = [];
  let applied = 0;
  for (const { edits } of fixes) {
    if (edits.some((edit) => taken.some((other) => overlaps(edit, other)))) continue;
    for (const edit of edits) taken.push(edit);
    applied += 1;
  }
  return { text: mark + applyEdits(text.slice(mark.length), taken), applied };
}

function overlaps(a: TextEdit, b: TextEdit): boolean {
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
