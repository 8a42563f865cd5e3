/** Where the author of an instruction went on in another line. */
import type { LinePart } from '#grammar';

export interface Break {
  /** In the text of the logical line. */
  readonly at: number;
  /** Comments and empty lines before the line that follows. */
  readonly between: readonly LinePart[];
}

export interface Breaks {
  readonly breaks: readonly Break[];
  /** What follows a last line that is continued itself: at the end of the file there is nothing it could be joined to. */
  readonly trailing: readonly LinePart[];
}

/** `start` and `end` of what the line says, in its text: a break behind that leads nowhere. */
export function breaksOf(layout: readonly LinePart[], start: number, end: number): Breaks {
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
