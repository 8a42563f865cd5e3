import type { Fault } from '../reading.ts';
import type { Range } from './range.ts';

/** The candidate that a mistyped word most likely meant; undefined if none is near. Case does not count. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Math.min(3, Math.max(2, wanted.length));
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), least);
    if (distance === 0 || distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** `did you mean …?` as the hint of a diagnostic, or the members of an object without one. */
export function didYouMean(word: string, candidates: Iterable<string>): { readonly hint?: string } {
  const candidate = suggest(word, candidates);
  return candidate === undefined ? {} : { hint: `did you mean \`${candidate}\`?` };
}

/** The same, with a fix that writes the candidate where the word stands. */
export function didYouMeanAt(range: Range, word: string, candidates: Iterable<string>): Pick<Fault, 'hint' | 'fixes'> {
  const candidate = suggest(word, candidates);
  if (candidate === undefined) return {};
  const fix = { title: `write \`${candidate}\``, edits: [{ range, text: candidate }] };
  return { hint: `did you mean \`${candidate}\`?`, fixes: [fix] };
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; `bound` or more is as good as `bound`. */
function editDistance(from: string, to: string, bound: number): number {
  if (Math.abs(from.length - to.length) >= bound) return bound;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = last[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? beforeLast[column - 2]! + 1 : bound;
      current.push(Math.min(last[column]! + 1, current[column - 1]! + 1, replaced, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}
