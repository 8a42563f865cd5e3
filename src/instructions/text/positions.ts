import type { Span } from '#grammar';
import type { Position, Range } from './range.ts';

/** Converts offsets to lines and columns. */
export type RangeOf = (span: Span) => Range;

/** Finds all line starts once. Each call is a binary search. */
export function createRangeOf(source: string): RangeOf {
  const starts = [0];
  for (let feed = source.indexOf('\n'); feed >= 0; feed = source.indexOf('\n', feed + 1)) starts.push(feed + 1);
  const findPosition = (offset: number): Position => {
    const bounded = Math.min(offset, source.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= bounded) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: bounded - starts[low]! + 1, offset: bounded };
  };
  return ({ start, end }) => ({ start: findPosition(start), end: findPosition(end) });
}
