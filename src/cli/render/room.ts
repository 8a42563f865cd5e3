import type { Output } from '../terminal.ts';

const FEWEST_COLUMNS = 20;
const FEWEST_ROWS = 5;

/** Whether a live view can be painted. A terminal whose size nobody has set says 0 (or nothing): what is painted could not be erased. */
export function hasRoom({ columns = 0, rows = 0 }: Output): boolean {
  return columns >= FEWEST_COLUMNS && rows >= FEWEST_ROWS;
}
