const MOST_NAMES = 3;

/**
 * What differs between two listings, in words: `1 of 3 files: package.json`. A listing has a line for each entry, which begins with
 * its type and has its name after the last tab (src/context/content-digest.ts). undefined if they only differ in order.
 */
export function diffListings(before: string, now: string): string | undefined {
  const old = linesByName(before);
  const current = linesByName(now);
  const changed = [...current.keys()].filter((name) => old.has(name) && old.get(name) !== current.get(name));
  const added = [...current.keys()].filter((name) => !old.has(name));
  const removed = [...old.keys()].filter((name) => !current.has(name));
  const total = [...current.values()].filter((line) => !line.startsWith('directory\t')).length;
  const parts = [
    changed.length === 0 ? [] : `${changed.length} of ${total} ${total === 1 ? 'file' : 'files'}: ${some(changed)}`,
    added.length === 0 ? [] : `new: ${some(added)}`,
    removed.length === 0 ? [] : `gone: ${some(removed)}`,
  ].flat();
  return parts.length === 0 ? undefined : parts.join('; ');
}

function linesByName(listing: string): Map<string, string> {
  const lines = listing.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(line.lastIndexOf('\t') + 1), line]));
}

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).map((name) => (name === '' ? '.' : name));
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
