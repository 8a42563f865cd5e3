import { findNearest } from '../../notation/index.ts';

/** Candidates that are compared; more would be slow. */
const MOST_CANDIDATES = 2000;

/**
 * The candidate with the fewest edits, if there are less than three. undefined if there is none, or if the word itself is a
 * candidate, because its spelling is then right. This is BuildKit's rule, because check details contain the result.
 */
export function findNearestName(word: string, candidates: Iterable<string>): string | undefined {
  const looked = [...candidates];
  const isThere = looked.slice(0, MOST_CANDIDATES + 1).includes(word);
  return isThere
    ? undefined
    : findNearest(word, looked.slice(0, MOST_CANDIDATES), { below: 3 })?.candidate || undefined;
}

/** A hint with the nearest candidate; undefined if there is none. */
export function suggestNearest(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = findNearestName(word, candidates);
  return candidate === undefined ? undefined : `did you mean \`${candidate}\`?`;
}
