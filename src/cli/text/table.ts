import { toPrintable } from './printable.ts';
import measureWidth, { padToWidth } from './text-width.ts';

/** Formats rows as columns with headings, separated by three spaces. Ends with a line feed. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [headings, ...rows.map((row) => row.map(toPrintable))];
  const widths = headings.map((_, column) =>
    cells.reduce((most, row) => Math.max(most, measureWidth(row[column] ?? '')), 0),
  );
  const lines = cells.map((row) => row.map((cell, column) => padToWidth(cell, widths[column]!)).join('   '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** Formats one JSON object per line, as Docker's `--format json` does. */
export function formatJsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
