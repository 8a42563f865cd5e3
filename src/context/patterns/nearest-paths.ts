import { posix } from 'node:path';

const MOST_PATHS = 20_000;
const MOST_ANSWERS = 3;

/** Up to three of the paths that a person may have meant by one that does not exist, the likeliest first. */
export async function nearestPaths(
  paths: AsyncIterable<string> | Iterable<string>,
  missing: string,
): Promise<readonly string[]> {
  const wanted = posix.normalize(`/${missing}`).slice(1).replace(/\/$/, '');
  const found: { path: string; distance: number }[] = [];
  let seen = 0;
  for await (const path of paths) {
    const distance = distanceBetween(wanted, path);
    if (distance !== undefined) found.push({ path, distance });
    if (++seen >= MOST_PATHS) break;
  }
  found.sort((a, b) => a.distance - b.distance || a.path.length - b.path.length || (a.path < b.path ? -1 : 1));
  return found.slice(0, MOST_ANSWERS).map(({ path }) => path);
}

/** How far a path is from the wanted one: the same name elsewhere is nearest, then few mistyped letters; undefined: not alike. */
function distanceBetween(wanted: string, path: string): number | undefined {
  if (posix.basename(wanted).toLowerCase() === posix.basename(path).toLowerCase()) return 0.5;
  const limit = Math.min(2, Math.floor(wanted.length / 3));
  const nearby = posix.dirname(wanted) === posix.dirname(path) || Math.abs(wanted.length - path.length) <= limit;
  if (!nearby) return undefined;
  const distance = editDistance(wanted.toLowerCase(), path.toLowerCase(), limit);
  return distance <= limit ? distance : undefined;
}

/** Levenshtein's distance, or more than `limit` as soon as it is sure to be more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(change, previous[column]! + 1, current[column - 1]! + 1));
    }
    if (Math.min(...current) > limit) return limit + 1;
    previous = current;
  }
  return previous[b.length]!;
}
