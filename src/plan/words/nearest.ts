/** Whoever has more names than that can look for the right one. */
const MOST_CANDIDATES = 2000;

/**
 * The candidate that needs the fewest edits, if they are less than three; undefined if none is near, or if the word itself
 * is among them, for then it is not the spelling that is wrong. BuildKit's rule, which its check details show.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bound = 3;
  let looked = 0;
  for (const candidate of candidates) {
    if (candidate === word) return undefined;
    looked += 1;
    if (looked > MOST_CANDIDATES) break;
    const distance = editDistance(word, candidate);
    if (distance < bound) [best, bound] = [candidate, distance];
  }
  return best || undefined;
}

/** A hint with the nearest candidate. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const candidate = nearest(word, candidates);
  return candidate === undefined ? undefined : `did you mean \`${candidate}\`?`;
}

/** Insertions, deletions and replacements that turn one word into the other; 3 stands for more than 2. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return 3;
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = row[column - 1]! + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
