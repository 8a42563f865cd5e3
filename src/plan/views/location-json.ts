import type { Range } from '../../instructions/index.ts';

/** A location in BuildKit's JSON: one range per line, lines start at 1. */
export interface LocationJson {
  readonly ranges: readonly LineRangeJson[];
}

interface LineRangeJson {
  readonly start: { readonly line: number };
  readonly end: { readonly line: number };
}

export function toLocationJson({ start, end }: Range): LocationJson {
  const count = Math.max(end.line - start.line, 0) + 1;
  const lines = Array.from({ length: count }, (_, index) => start.line + index);
  return { ranges: lines.map((line) => ({ start: { line }, end: { line } })) };
}

/** The build file of a JSON response. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

export function encodeBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
