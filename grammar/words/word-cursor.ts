/** The position in a word that is being read, and the errors that can be found there. */
import { isDigit, isNameCharacter, readCharacter } from '../characters.ts';
import type { EscapeCharacter } from '../logical-line.ts';

export interface WordSyntax {
  readonly escape: EscapeCharacter;
  /** Quotes are plain text, as in the body of a heredoc. */
  readonly literalQuotes?: boolean;
}

/** Offsets into the scanned text. */
export interface WordProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly from: number;
  readonly to: number;
}

export class WordFault extends Error {
  readonly problem: WordProblem;
  constructor(problem: WordProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

export class WordCursor {
  readonly text: string;
  readonly syntax: WordSyntax;
  at = 0;
  depth = 0;
  hasQuotes = false;

  constructor(text: string, syntax: WordSyntax) {
    this.text = text;
    this.syntax = syntax;
  }

  get next(): string {
    return this.text.charAt(this.at);
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Reads one whole character. */
  take(): string {
    const character = readCharacter(this.text, this.at);
    this.at += character.length;
    return character;
  }
}

const SPECIAL_PARAMETERS = '@*#?-$!0';

/** Reads a name, a number, or one special parameter; '' if there is none. */
export function readName(cursor: WordCursor): string {
  const from = cursor.at;
  const first = readCharacter(cursor.text, from);
  const belongs = isDigit(first) ? isDigit : isNameCharacter;
  if (first !== '' && SPECIAL_PARAMETERS.includes(first) && !isDigit(first)) return cursor.take();
  while (!cursor.isAtEnd && belongs(readCharacter(cursor.text, cursor.at))) cursor.take();
  return cursor.text.slice(from, cursor.at);
}

export function formatBadSubstitution(cursor: WordCursor, from: number): string {
  return `bad substitution \`${cursor.text.slice(from, cursor.at + 1)}\``;
}

export function createMissingBraceFault(cursor: WordCursor, from: number): WordFault {
  return createFault(cursor, { code: 'unterminated-substitution', message: 'missing `}` after `${`', from });
}

interface FaultText {
  readonly code: string;
  readonly message: string;
  readonly from?: number;
  readonly to?: number;
  readonly hint?: string;
}

export function createFault(
  cursor: WordCursor,
  { code, message, from = cursor.at, to = cursor.text.length, hint }: FaultText,
): WordFault {
  return new WordFault({ code, message, from, to, ...(hint === undefined ? {} : { hint }) });
}
