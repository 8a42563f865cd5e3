/** SOURCE_DATE_EPOCH: https://reproducible-builds.org/specs/source-date-epoch/ */

/** Times of an image are RFC 3339 texts, whose years have four digits. */
const EARLIEST = -62_167_219_200;
const LATEST = 253_402_300_799;

/** Seconds since 1970, or undefined if the text is no number, or a time before the year 0 or after 9999. */
export function readEpoch(text: string): number | undefined {
  if (!/^[+-]?\d{1,15}$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds >= EARLIEST && seconds <= LATEST ? seconds : undefined;
}

/** What to do about a text that is none. */
export function epochHint(text: string): string {
  const seconds = 'give seconds since 1970';
  return /^\d{12,15}$/.test(text) ? `${seconds}; this may be milliseconds` : seconds;
}
