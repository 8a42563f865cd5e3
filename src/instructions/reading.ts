/** What the readers of instructions share: where they report faults, and how a text becomes a word. */
import { type EscapeCharacter, type MappedText, type Span, scanWord, sourceSpan } from '#grammar';
import type { Diagnostic, Fix } from './diagnostic.ts';
import type { Instruction, Word } from './instruction.ts';
import type { RangeOf } from './text/positions.ts';
import type { Range } from './text/range.ts';

export interface Reading {
  readonly escape: EscapeCharacter;
  readonly rangeOf: RangeOf;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** The members that every instruction has. */
export type Frame = Pick<Instruction, 'keyword' | 'source' | 'range' | 'comments'>;

export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly fixes?: readonly Fix[];
}

export function reportError(reading: Reading, fault: Fault, range: Range): void {
  reading.report({ severity: 'error', ...fault, range });
}

export function rangeOfText(reading: Reading, text: MappedText): Range {
  return reading.rangeOf(sourceSpan(text));
}

/** A text as a word of the word syntax. What is no word is reported, and kept as plain text. */
export function wordOf(reading: Reading, text: MappedText): Word {
  return scannedWord(reading, text, { escape: reading.escape });
}

/** The body of a heredoc as a word: quotes mean nothing in it, and its escape character is always the backslash. */
export function bodyWordOf(reading: Reading, text: MappedText): Word {
  return scannedWord(reading, text, { escape: '\\', literalQuotes: true });
}

/** A word whose text is not the source's own: an element of a JSON array. */
export function wordAt(reading: Reading, text: string, span: Span): Word {
  return scannedWord(
    reading,
    { text, pieces: [{ at: 0, from: span.start }], sourceEnd: span.end },
    { escape: reading.escape },
    span,
  );
}

function scannedWord(reading: Reading, text: MappedText, syntax: Parameters<typeof scanWord>[1], span?: Span): Word {
  const { parts, problem } = scanWord(text.text, syntax);
  const range = reading.rangeOf(span ?? sourceSpan(text));
  if (problem !== undefined) {
    const { code, message, hint, from, to } = problem;
    const where = span === undefined ? reading.rangeOf(sourceSpan(text, from, to)) : range;
    reportError(reading, { code, message, ...(hint === undefined ? {} : { hint }) }, where);
  }
  return { raw: text.text, parts, range };
}

/** `{ [name]: value }`, or `{}` for undefined: the IR has no undefined members. */
export function given<const K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]: V });
}
