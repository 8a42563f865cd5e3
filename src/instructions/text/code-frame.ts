/** Formats the lines of a source around a range, with marks. */
import type { Range } from './range.ts';

export interface CodeFrameOptions {
  /** Lines shown before and after the range. */
  readonly context?: number;
  /** Longest line, in characters. The rest becomes `…`. */
  readonly width?: number;
  /** Most lines of a range. More lines in the middle become `…`. */
  readonly longest?: number;
}

const DEFAULTS = { context: 2, width: 160, longest: 12 };

/**
 * Lines have numbers. Lines in the range are marked with `>>>`, and a range inside one line is underlined. Tabs are kept, so that
 * the underline is correct for any tab width.
 */
export function formatCodeFrame(source: string, range: Range, options: CodeFrameOptions = {}): string {
  const { context, width, longest } = { ...DEFAULTS, ...options };
  const { lines, maskLine } = splitSource(source);
  const last = findLastLine(range);
  const from = Math.max(1, range.start.line - context);
  const to = Math.min(lines.length, last + context);
  const digits = String(to).length;
  const shown: string[] = [];
  for (let line = from; line <= to; line += 1) {
    if (isLeftOut(line, { first: range.start.line, last, longest })) {
      if (line === range.start.line + longest) shown.push(`${' '.repeat(digits)} | >>> …`);
      continue;
    }
    const text = maskLine(line);
    const isMarked = line >= range.start.line && line <= last;
    shown.push(`${String(line).padStart(digits)} | ${isMarked ? '>>>' : '   '} ${shorten(text, width)}`.trimEnd());
    const underline = isMarked && range.start.line === last ? createUnderline(text, range, width) : undefined;
    if (underline !== undefined) shown.push(`${' '.repeat(digits)} |     ${underline}`);
  }
  return shown.join('\n');
}

interface SplitSource {
  readonly source: string;
  readonly lines: readonly string[];
  /** The text of a line, by its number. */
  maskLine(line: number): string;
}

let latest: SplitSource | undefined;

/** The last source is cached, because many diagnostics are about one source. */
function splitSource(source: string): SplitSource {
  if (latest?.source === source) return latest;
  const lines = source.replace(/^\ufeff/, '').split(/\r?\n/);
  const known = new Map<number, string>();
  const shownLine = (line: number) => {
    const text = known.get(line) ?? maskPasswords(lines[line - 1] ?? '');
    known.set(line, text);
    return text;
  };
  latest = { source, lines, maskLine: shownLine };
  return latest;
}

/** A range that ends at the start of a line does not include that line. */
function findLastLine({ start, end }: Range): number {
  return end.line > start.line && end.column === 1 ? end.line - 1 : end.line;
}

/** The last line of a long range is always shown. */
function isLeftOut(
  line: number,
  { first, last, longest }: { readonly first: number; readonly last: number; readonly longest: number },
): boolean {
  return line >= first + longest && line < last;
}

/** Returns undefined if the range is the whole line, or is behind the visible part of the line. */
function createUnderline(text: string, { start, end }: Range, width: number): string | undefined {
  const from = start.column - 1;
  const to = end.line === start.line ? end.column - 1 : text.length;
  const isWholeLine = text.slice(0, from).trim() === '' && text.slice(to).trim() === '';
  if (isWholeLine || from >= width) return undefined;
  const indent = text.slice(0, from).replace(/[^\t]/g, ' ');
  return indent + '^'.repeat(Math.max(1, Math.min(to, width) - from));
}

function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** Hides passwords, because frames are written to logs. Each character becomes a star, so that marks stay correct. */
function maskPasswords(text: string): string {
  return text.replace(/(?<=https?:\/\/)[^\s/?#'"]+(?=@)/gi, (hidden) => '*'.repeat(hidden.length));
}
