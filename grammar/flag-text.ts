/** Flags and quoted words: where they end in a line whose continuations are joined. */
import { isSpace } from './characters.ts';

/** Offsets into the text: the part of it that is meant literally. */
export interface TextPart {
  readonly from: number;
  readonly to: number;
}

export interface FlagText {
  readonly end: number;
  /** What is left once quotes and escape characters are left out. */
  readonly parts: readonly TextPart[];
}

/** Reads `--name=value` with its quotes. undefined if no flag stands at `start`. */
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
 * Where the word at `start` ends, as ENV, LABEL and ARG split words: quotes and escapes keep it together and stay in it. An
 * escape character at the very end of the text does not belong to the word.
 */
export function quotedWordEnd(text: string, start: number, escapeCharacter: string): number {
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
