import { nearest as nearestOf } from '../../notation/index.ts';

/** Whoever has more names than that can look for the right one. */
const MOST_CANDIDATES = 2000;

/**
 * The candidate that needs the fewest edits, if they are less than three; undefined if none is near, or if the word itself
 * is among them, for then it is not the spelling that is wrong. BuildKit's rule, which its check details show.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const looked = [...candidates];
  const isThere = looked.slice(0, MOST_CANDIDATES + 1).includes(word);
  return isThere ? undefined : nearestOf(word, looked.slice(0, MOST_CANDIDATES), { below: 3 })?.candidate || undefined;
}

/** A hint with the nearest candidate. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? undefined : `did you mean \`${candidate}\`?`;
}
