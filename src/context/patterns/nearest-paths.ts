import { posix } from 'node:path';
import { computeDistance } from '../../notation/index.ts';

const MOST_PATHS = 20_000;
const MOST_ANSWERS = 3;

/** Up to three paths that are most similar to a missing path, best first. */
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

/** Distance of a path from the wanted one: the same name in another folder is nearest, then few typos; undefined: not similar. */
function distanceBetween(wanted: string, path: string): number | undefined {
  if (posix.basename(wanted).toLowerCase() === posix.basename(path).toLowerCase()) return 0.5;
  const limit = Math.min(2, Math.floor(wanted.length / 3));
  const nearby = posix.dirname(wanted) === posix.dirname(path) || Math.abs(wanted.length - path.length) <= limit;
  if (!nearby) return undefined;
  return computeDistance(wanted, path, { below: limit + 1, ignoreCase: true });
}
