/** The line breaks (continuations) inside an instruction. */
import type { LinePart } from '#grammar';

export interface Break {
  /** Offset in the text of the logical line. */
  readonly at: number;
  /** Comments and empty lines between the break and the next line. */
  readonly between: readonly LinePart[];
}

export interface Breaks {
  readonly breaks: readonly Break[];
  /** Comments and empty lines after the last line, if that line is continued at the end of the file. */
  readonly trailing: readonly LinePart[];
}

/** `start` and `end` of the content in the text of the line. A break behind `end` has no effect. */
export function findBreaks(layout: readonly LinePart[], start: number, end: number): Breaks {
  const breaks: Break[] = [];
  let between: LinePart[] = [];
  let at = start;
  for (const [index, part] of layout.entries()) {
    if (part.kind !== 'content') {
      between.push(part);
      continue;
    }
    if (index > 0) breaks.push({ at, between });
    if (index > 0) between = [];
    at += part.end - part.start;
  }
  const isInside = (found: Break) => found.at < end;
  const dangling = breaks.filter((found) => !isInside(found)).flatMap((found) => found.between);
  return { breaks: breaks.filter(isInside), trailing: [...dangling, ...between] };
}
