import type { Output } from '../terminal.ts';

const MIN_COLUMNS = 20;
const MIN_ROWS = 5;

/** Whether the terminal is large enough for the live view. An unknown size is 0 or undefined: then a frame cannot be erased. */
export function hasRoomForFrame({ columns = 0, rows = 0 }: Output): boolean {
  return columns >= MIN_COLUMNS && rows >= MIN_ROWS;
}
