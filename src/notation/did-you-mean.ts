import { findNearest } from './nearest.ts';

/** Finds the candidate most similar to a mistyped word. Returns undefined if none is similar enough. */
export function findNearestWord(word: string, candidates: Iterable<string>): string | undefined {
  const below = Math.max(1, Math.floor(word.length / 3)) + 1;
  return findNearest(word, candidates, { below, swaps: true, ignoreCase: true })?.candidate;
}

/** Formats `did you mean …?`, or returns the fallback. */
export function createSuggestionHint(word: string, candidates: Iterable<string>, fallback: string): string {
  const candidate = findNearestWord(word, candidates);
  return candidate === undefined ? fallback : `did you mean \`${candidate}\`?`;
}
