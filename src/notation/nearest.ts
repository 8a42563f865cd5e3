import { distance } from 'fastest-levenshtein';

export interface NearestOptions {
  /** Candidates with this distance or more are ignored. */
  readonly below: number;
  /** Count two swapped neighbouring letters as one edit instead of two. */
  readonly swaps?: boolean;
  readonly ignoreCase?: boolean;
}

export interface Nearest {
  readonly candidate: string;
  /** Number of inserted, deleted and replaced letters (Levenshtein distance). */
  readonly distance: number;
}

/** Finds the candidate with the smallest distance (the first one, if equal). Returns undefined if none is below the limit. */
export function findNearest(word: string, candidates: Iterable<string>, options: NearestOptions): Nearest | undefined {
  let best: Nearest | undefined;
  for (const candidate of candidates) {
    const below = best?.distance ?? options.below;
    const found = computeDistance(word, candidate, { ...options, below });
    if (found !== undefined) best = { candidate, distance: found };
  }
  return best;
}

/** Computes the distance of two words. Returns undefined if it is not less than `below`. */
export function computeDistance(one: string, other: string, options: NearestOptions): number | undefined {
  const { below, swaps = false, ignoreCase = false } = options;
  const [from, to] = ignoreCase ? [one.toLowerCase(), other.toLowerCase()] : [one, other];
  if (Math.abs(from.length - to.length) >= below) return undefined;
  const plain = distance(from, to);
  const found = swaps && plain > 1 ? Math.min(plain, ...listSwaps(from).map((word) => distance(word, to) + 1)) : plain;
  return found < below ? found : undefined;
}

/** Lists all variants of the word with two neighbouring letters swapped. */
function listSwaps(word: string): readonly string[] {
  return Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => {
    return word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2);
  });
}
