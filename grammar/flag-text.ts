/** Finds the end of flags and quoted words in a line with joined continuations. */
import { isSpace } from './characters.ts';

/** A literal part of a text. Offsets into the text. */
export interface TextPart {
  readonly from: number;
  readonly to: number;
}

export interface FlagText {
  readonly end: number;
  /** The text without quotes and escape characters. */
  readonly parts: readonly TextPart[];
}

/** Reads `--name=value` with its quotes. Returns undefined if there is no flag at `start`. */
export function readFlag(text: string, start: number, escapeCharacter: string): FlagText | undefined {
  if (!text.startsWith('--', start)) return undefined;
  const parts: TextPart[] = [];
  let quote = '';
  let from = start;
  let at = start;
  const leaveOut = (length: number) => {
    if (at > from) parts.push({ from, to: at });
    at += length;
    from = at;
  };
  while (at < text.length && (quote !== '' || !isSpace(text, at))) {
    const character = text.charAt(at);
    const isQuote = quote === '' ? character === '"' || character === "'" : character === quote;
    if (isQuote) {
      quote = quote === '' ? character : '';
      leaveOut(1);
    } else if (character === escapeCharacter) {
      leaveOut(1);
      at = Math.min(at + 1, text.length);
    } else at += 1;
  }
  leaveOut(0);
  return { end: at, parts };
}

/**
 * The end of the word at `start`, by the rules of ENV, LABEL and ARG: quotes and escapes join words and are part of them. An
 * escape character at the end of the text is not part of the word.
 */
export function findQuotedWordEnd(text: string, start: number, escapeCharacter: string): number {
  let quote = '';
  let at = start;
  while (at < text.length && (quote !== '' || !isSpace(text, at))) {
    const character = text.charAt(at);
    if (character === escapeCharacter && quote !== "'") {
      if (at + 1 === text.length) return at;
      at += 2;
      continue;
    }
    if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = '';
    at += 1;
  }
  return Math.min(at, text.length);
}
