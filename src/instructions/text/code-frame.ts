/** The lines of a source around a range, with marks: what a person looks at first when something is wrong. */
import type { Range } from './range.ts';

export interface CodeFrameOptions {
  /** Lines shown before and after the range. */
  readonly context?: number;
  /** Longest line shown, in characters; the rest becomes `…`. */
  readonly width?: number;
  /** Lines of a range shown before its middle is left out. */
  readonly longest?: number;
}

const DEFAULTS = { context: 2, width: 160, longest: 12 };

/**
 * Lines with their numbers; those in the range are marked `>>>`, and a range inside one line is underlined. Tabs are kept, so
 * that the underline stands right whatever a tab's width.
 */
export function codeFrame(source: string, range: Range, options: CodeFrameOptions = {}): string {
  const { context, width, longest } = { ...DEFAULTS, ...options };
  const { lines, shownLine } = framed(source);
  const last = lastLine(range);
  const from = Math.max(1, range.start.line - context);
  const to = Math.min(lines.length, last + context);
  const digits = String(to).length;
  const shown: string[] = [];
  for (let line = from; line <= to; line += 1) {
    if (isLeftOut(line, range.start.line, last, longest)) {
      if (line === range.start.line + longest) shown.push(`${' '.repeat(digits)} | >>> …`);
      continue;
    }
    const text = shownLine(line);
    const isMarked = line >= range.start.line && line <= last;
    shown.push(`${String(line).padStart(digits)} | ${isMarked ? '>>>' : '   '} ${shorten(text, width)}`.trimEnd());
    const underline = isMarked && range.start.line === last ? underlineOf(text, range, width) : undefined;
    if (underline !== undefined) shown.push(`${' '.repeat(digits)} |     ${underline}`);
  }
  return shown.join('\n');
}

interface Framed {
  readonly source: string;
  readonly lines: readonly string[];
  /** By its number. */
  shownLine(line: number): string;
}

let latest: Framed | undefined;

/** Thousands of faults are mostly in one text, which is split once. */
function framed(source: string): Framed {
  if (latest?.source === source) return latest;
  const lines = source.replace(/^\ufeff/, '').split(/\r?\n/);
  const known = new Map<number, string>();
  const shownLine = (line: number) => {
    const text = known.get(line) ?? withoutPassword(lines[line - 1] ?? '');
    known.set(line, text);
    return text;
  };
  latest = { source, lines, shownLine };
  return latest;
}

/** A range that ends at the start of a line does not reach into it. */
function lastLine({ start, end }: Range): number {
  return end.line > start.line && end.column === 1 ? end.line - 1 : end.line;
}

/** The last line of a long range is always shown. */
function isLeftOut(line: number, first: number, last: number, longest: number): boolean {
  return line >= first + longest && line < last;
}

/** Nothing if the whole line is meant, or the range lies beyond what is shown. */
function underlineOf(text: string, { start, end }: Range, width: number): string | undefined {
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

/** A frame ends in the logs of others. Stars take the place of what they hide, so that marks stand right. */
function withoutPassword(text: string): string {
  return text.replace(/(?<=https?:\/\/)[^\s/?#'"]+(?=@)/gi, (hidden) => '*'.repeat(hidden.length));
}
