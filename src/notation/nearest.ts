import { distance } from 'fastest-levenshtein';

export interface NearestOptions {
  /** Candidates this far away, or farther, are not near. */
  readonly below: number;
  /** Two neighbours in the wrong order are one mistake, not two. */
  readonly swaps?: boolean;
  readonly ignoreCase?: boolean;
}

export interface Nearest {
  readonly candidate: string;
  /** Insertions, deletions and replacements of letters that turn the word into it. */
  readonly distance: number;
}

/** The candidate that needs the fewest edits, the first of equals; undefined if none is near. */
export function nearest(word: string, candidates: Iterable<string>, options: NearestOptions): Nearest | undefined {
  let best: Nearest | undefined;
  for (const candidate of candidates) {
    const below = best?.distance ?? options.below;
    const found = distanceBelow(word, candidate, { ...options, below });
    if (found !== undefined) best = { candidate, distance: found };
  }
  return best;
}

/** How far two words are apart, if that is less than `below`. */
export function distanceBelow(one: string, other: string, options: NearestOptions): number | undefined {
  const { below, swaps = false, ignoreCase = false } = options;
  const [from, to] = ignoreCase ? [one.toLowerCase(), other.toLowerCase()] : [one, other];
  if (Math.abs(from.length - to.length) >= below) return undefined;
  const plain = distance(from, to);
  const found = swaps && plain > 1 ? Math.min(plain, ...swapped(from).map((word) => distance(word, to) + 1)) : plain;
  return found < below ? found : undefined;
}

/** The word with each two neighbours in the other order. */
function swapped(word: string): readonly string[] {
  return Array.from({ length: Math.max(0, word.length - 1) }, (_, i) => {
    return word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2);
  });
}
