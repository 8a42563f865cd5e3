/** By how many blanks a line that goes on is indented. */
export const STEP = 4;

/** The width of blanks; a tab goes on to the next stop. */
export function columnsOf(blanks: string): number {
  let columns = 0;
  for (const character of blanks) columns = character === '\t' ? columns + STEP - (columns % STEP) : columns + 1;
  return columns;
}
