/** SOURCE_DATE_EPOCH: https://reproducible-builds.org/specs/source-date-epoch/ */

/** Times of an image are RFC 3339 texts, whose years have four digits. */
const EARLIEST = -62_167_219_200;
const LATEST = 253_402_300_799;

/** Parses seconds since 1970; undefined if the text is not a number, or the time is before the year 0 or after 9999. */
export function readEpoch(text: string): number | undefined {
  if (!/^[+-]?\d{1,15}$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds >= EARLIEST && seconds <= LATEST ? seconds : undefined;
}

/** The hint for an invalid text. */
export function createEpochHint(text: string): string {
  const seconds = 'give seconds since 1970';
  return /^\d{12,15}$/.test(text) ? `${seconds}; this may be milliseconds` : seconds;
}
