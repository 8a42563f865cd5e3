import { findNearest } from '../../notation/index.ts';
import type { Fault } from '../reading.ts';
import type { Range } from './range.ts';

/** The most similar candidate to a misspelled word, ignoring case; undefined if none is similar. */
export function findSuggestion(word: string, candidates: Iterable<string>): string | undefined {
  const others = [...candidates].filter((candidate) => candidate.toLowerCase() !== word.toLowerCase());
  const below = Math.min(3, Math.max(2, word.length));
  return findNearest(word, others, { below, swaps: true, ignoreCase: true })?.candidate;
}

/** `{ hint: 'did you mean …?' }`, or `{}` without a similar candidate. */
export function createSuggestionHint(word: string, candidates: Iterable<string>): { readonly hint?: string } {
  const candidate = findSuggestion(word, candidates);
  return candidate === undefined ? {} : { hint: `did you mean \`${candidate}\`?` };
}

/** The hint, with a fix that replaces the word by the candidate. */
export function createSuggestionFix(
  range: Range,
  word: string,
  candidates: Iterable<string>,
): Pick<Fault, 'hint' | 'fixes'> {
  const candidate = findSuggestion(word, candidates);
  if (candidate === undefined) return {};
  const fix = { title: `write \`${candidate}\``, edits: [{ range, text: candidate }] };
  return { hint: `did you mean \`${candidate}\`?`, fixes: [fix] };
}
