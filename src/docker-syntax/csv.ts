import { splitCsv } from '../notation/index.ts';

/**
 * Splits a comma-separated flag value. As in Docker, a member that begins with a quote may contain commas:
 * `id=a,"src=b,c"`. Inside quotes, a doubled quote means one quote. If the quotes are invalid, they are ordinary characters.
 */
export function splitCommas(value: string): readonly string[] {
  const split = splitCsv(value);
  return 'fields' in split ? split.fields : value.split(',');
}

/** Splits a value with `splitCommas`, and each member with `cutPair`. */
export function readPairs(value: string): readonly (readonly [key: string, value: string | undefined])[] {
  return splitCommas(value).map(cutPair);
}

/** Splits a text at its first `=`. Without `=`, the value is undefined. */
export function cutPair(text: string): readonly [key: string, value: string | undefined] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
