/** Shared by the readers of instructions: reports faults and scans words. */
import { type EscapeCharacter, findSourceSpan, type MappedText, type Span, scanWord } from '#grammar';
import type { Diagnostic, Fix } from './diagnostic.ts';
import type { Instruction, Word } from './instruction.ts';
import type { RangeOf } from './text/positions.ts';
import type { Range } from './text/range.ts';

export interface Reading {
  readonly escape: EscapeCharacter;
  readonly rangeOf: RangeOf;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** Common members of all instructions. */
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

export function findTextRange(reading: Reading, text: MappedText): Range {
  return reading.rangeOf(findSourceSpan(text));
}

/** Scans a text as a word. Invalid text is reported and kept as plain text. */
export function readWord(reading: Reading, text: MappedText): Word {
  return scanMappedWord(reading, text, { syntax: { escape: reading.escape } });
}

/** Scans the body of a heredoc as a word. Quotes are literal, and the escape character is always the backslash. */
export function readHeredocBody(reading: Reading, text: MappedText): Word {
  return scanMappedWord(reading, text, { syntax: { escape: '\\', literalQuotes: true } });
}

/** Scans a word whose text differs from the source: an element of a JSON array. */
export function readWordAt(reading: Reading, text: string, span: Span): Word {
  return scanMappedWord(
    reading,
    { text, pieces: [{ at: 0, from: span.start }], sourceEnd: span.end },
    { syntax: { escape: reading.escape }, span },
  );
}

function scanMappedWord(
  reading: Reading,
  text: MappedText,
  { syntax, span }: { readonly syntax: Parameters<typeof scanWord>[1]; readonly span?: Span },
): Word {
  const { parts, problem } = scanWord(text.text, syntax);
  const range = reading.rangeOf(span ?? findSourceSpan(text));
  if (problem !== undefined) {
    const { code, message, hint, from, to } = problem;
    const where = span === undefined ? reading.rangeOf(findSourceSpan(text, from, to)) : range;
    reportError(reading, { code, message, ...(hint === undefined ? {} : { hint }) }, where);
  }
  return { raw: text.text, parts, range };
}

/** `{ [name]: value }`, or `{}` for undefined, because the IR has no undefined members. */
export function createOptionalMember<const K extends string, V>(
  name: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]: V });
}
