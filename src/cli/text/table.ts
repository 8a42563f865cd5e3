import { printable } from './printable.ts';
import textWidth, { padToWidth } from './text-width.ts';

/** Columns under their headings, three spaces between them, no trailing spaces; ends with a line feed. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, column) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[column] ?? '')), 0),
  );
  const lines = cells.map((row) => row.map((cell, column) => padToWidth(cell, widths[column]!)).join('   '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** One JSON object a line, as Docker's `--format json` prints lists. */
export function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
