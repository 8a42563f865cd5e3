const MOST_NAMES = 3;

/**
 * Describes the difference between two listings: `1 of 3 files: package.json`. A listing has one line per entry, which
 * begins with its type and ends with its name after the last tab (src/context/content-digest.ts). `source` is the
 * common path of the entries. Returns undefined if only the order differs. Listings are compared as bytes (UTF-8),
 * because they can be long and only the lines that differ are needed as text.
 */
export function diffListings(before: Buffer, now: Buffer, source = ''): string | undefined {
  const same = commonEnds(before, now);
  const old = linesByName(before.subarray(same.first, before.length - same.last));
  const current = linesByName(now.subarray(same.first, now.length - same.last));
  const changed = [...current.keys()].filter((name) => old.has(name) && old.get(name) !== current.get(name));
  const added = [...current.keys()].filter((name) => !old.has(name));
  const removed = [...old.keys()].filter((name) => !current.has(name));
  const total = countFiles(now);
  const parts = [
    changed.length === 0
      ? []
      : `${changed.length} of ${total} ${total === 1 ? 'file' : 'files'}: ${some(changed, source)}`,
    added.length === 0 ? [] : `new: ${some(added, source)}`,
    removed.length === 0 ? [] : `gone: ${some(removed, source)}`,
  ].flat();
  return parts.length === 0 ? undefined : parts.join('; ');
}

/**
 * Returns how many bytes of whole lines are equal at both ends. Usually only a few lines differ, and only those
 * are parsed.
 */
function commonEnds(one: Buffer, other: Buffer): { readonly first: number; readonly last: number } {
  const most = Math.min(one.length, other.length);
  const first = startOfLine(
    one,
    commonLength(most, (at, length) => one.subarray(at, at + length).equals(other.subarray(at, at + length))),
  );
  const alike = commonLength(most - first, (at, length) =>
    one
      .subarray(one.length - at - length, one.length - at)
      .equals(other.subarray(other.length - at - length, other.length - at)),
  );
  // The equal text may begin in the middle of a line.
  const isWhole = [one, other].every((text) => startOfLine(text, text.length - alike) === text.length - alike);
  return { first, last: isWhole ? alike : one.length - endOfLine(one, one.length - alike) };
}

const BLOCK = 1 << 16;

/** Returns the length of the equal part of two texts, by comparing blocks of decreasing size. */
function commonLength(most: number, isSame: (at: number, length: number) => boolean): number {
  let at = 0;
  for (let block = BLOCK; block >= 1; block /= 16) {
    while (at + block <= most && isSame(at, block)) at += block;
  }
  return at;
}

const NEW_LINE = 0x0a;

function startOfLine(text: Buffer, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf(NEW_LINE, at - 1) + 1;
}

function endOfLine(text: Buffer, at: number): number {
  const end = text.indexOf(NEW_LINE, at);
  return end < 0 ? text.length : end + 1;
}

const DIRECTORY = Buffer.from('directory\t');

function countFiles(listing: Buffer): number {
  let count = 0;
  for (let at = 0; at < listing.length; at = endOfLine(listing, at))
    if (listing.compare(DIRECTORY, 0, DIRECTORY.length, at, Math.min(at + DIRECTORY.length, listing.length)) !== 0)
      count++;
  return count;
}

function linesByName(text: Buffer): Map<string, string> {
  const lines = text.toString('utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => [line.slice(line.lastIndexOf('\t') + 1), line]));
}

function some(names: readonly string[], source: string): string {
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).map((name) => [source, name].filter(Boolean).join('/') || '.');
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
