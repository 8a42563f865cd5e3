/** Indentation of a continued line, in blanks. */
export const STEP = 4;

/** The width of blanks. A tab extends to the next tab stop. */
export function countColumns(blanks: string): number {
  let columns = 0;
  for (const character of blanks) columns = character === '\t' ? columns + STEP - (columns % STEP) : columns + 1;
  return columns;
}
