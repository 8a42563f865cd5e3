/** The JSON form of arguments: `["program", "argument"]`. */
import type { Span } from './mapped-text.ts';

/** Offsets into the text. */
export interface JsonElement extends Span {
  readonly value: string;
}

/** Reads a JSON array of strings. `not-strings`: the array has other elements. undefined: the text is not a JSON array. */
export function readJsonArray(text: string): readonly JsonElement[] | 'not-strings' | undefined {
  if (!text.startsWith('[')) return undefined;
  const values = parseArray(text);
  if (values === undefined) return undefined;
  if (!values.every((value): value is string => typeof value === 'string')) return 'not-strings';
  const literals = [...text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g)];
  return values.map((value, index) => {
    const start = literals[index]!.index;
    return { value: value.replace(/\p{Surrogate}/gu, '\ufffd'), start, end: start + literals[index]![0].length };
  });
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
