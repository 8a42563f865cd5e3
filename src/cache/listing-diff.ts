const MOST_NAMES = 3;

/**
 * What differs between two listings, in words: `1 of 3 files: package.json`. A listing has a line for each entry, which begins with
 * its type and has its name after the last tab (src/context/content-digest.ts). `source` is the path that they
 * are of. undefined if they only differ in order.
 */
export function diffListings(before: string, now: string, source = ''): string | undefined {
  const [oldLines, lines] = [before.split('\n'), now.split('\n')];
  const same = commonEnds(oldLines, lines);
  const old = linesByName(oldLines.slice(same.first, oldLines.length - same.last));
  const current = linesByName(lines.slice(same.first, lines.length - same.last));
  const changed = [...current.keys()].filter((name) => old.has(name) && old.get(name) !== current.get(name));
  const added = [...current.keys()].filter((name) => !old.has(name));
  const removed = [...old.keys()].filter((name) => !current.has(name));
  const total = lines.filter((line) => line !== '' && !line.startsWith('directory\t')).length;
  const parts = [
    changed.length === 0
      ? []
      : `${changed.length} of ${total} ${total === 1 ? 'file' : 'files'}: ${some(changed, source)}`,
    added.length === 0 ? [] : `new: ${some(added, source)}`,
    removed.length === 0 ? [] : `gone: ${some(removed, source)}`,
  ].flat();
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** How many lines are the same at either end: mostly all but a few, and only those few are worth a closer look. */
function commonEnds(
  one: readonly string[],
  other: readonly string[],
): { readonly first: number; readonly last: number } {
  const most = Math.min(one.length, other.length);
  let first = 0;
  while (first < most && one[first] === other[first]) first++;
  let last = 0;
  while (last < most - first && one.at(-1 - last) === other.at(-1 - last)) last++;
  return { first, last };
}

function linesByName(lines: readonly string[]): Map<string, string> {
  return new Map(lines.filter(Boolean).map((line) => [line.slice(line.lastIndexOf('\t') + 1), line]));
}

function some(names: readonly string[], source: string): string {
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).map((name) => [source, name].filter(Boolean).join('/') || '.');
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
