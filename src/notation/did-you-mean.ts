import { nearest } from './nearest.ts';

/** The candidate that a mistyped word most likely meant, or undefined if none is near enough to be worth a mention. */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  const below = Math.max(1, Math.floor(word.length / 3)) + 1;
  return nearest(word, candidates, { below, swaps: true, ignoreCase: true })?.candidate;
}

/** `did you mean …?`, or the fallback. */
export function didYouMean(word: string, candidates: Iterable<string>, fallback: string): string {
  const candidate = nearestWord(word, candidates);
  return candidate === undefined ? fallback : `did you mean \`${candidate}\`?`;
}
