export type Pairs = Iterable<readonly [string, string]>;

/** Writes pairs in the syntax of flags, for their parsers. */
export function toCsv(pairs: Pairs): string {
  return Array.from(pairs, ([key, value]) => `"${`${key}=${value}`.replaceAll('"', '""')}"`).join(',');
}
