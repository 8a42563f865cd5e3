import { nearest } from '../../notation/index.ts';
import type { Fault } from '../reading.ts';
import type { Range } from './range.ts';

/** The candidate that a mistyped word most likely meant; undefined if none is near. Case does not count. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const others = [...candidates].filter((candidate) => candidate.toLowerCase() !== word.toLowerCase());
  const below = Math.min(3, Math.max(2, word.length));
  return nearest(word, others, { below, swaps: true, ignoreCase: true })?.candidate;
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
