import { splitCsv } from '../notation/index.ts';

/**
 * The members of a comma-separated flag value. As in Docker's flags a member that begins with a quote may hold commas:
 * `id=a,"src=b,c"`; a doubled quote inside stands for one. Where quotes are out of place they are letters like others.
 */
export function splitCommas(value: string): readonly string[] {
  const split = splitCsv(value);
  return 'fields' in split ? split.fields : value.split(',');
}

/** Like `splitCommas`, with each member cut at its first `=`; a member without one has no value. */
export function readPairs(value: string): readonly (readonly [key: string, value: string | undefined])[] {
  return splitCommas(value).map(cutPair);
}

/** A text cut at its first `=`; one without it has no value. */
export function cutPair(text: string): readonly [key: string, value: string | undefined] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
