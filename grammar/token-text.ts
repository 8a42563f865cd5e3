/** What a token of an instruction says, and where in the source it says it. */
import type { IToken } from 'chevrotain';
import { trimmedEnd } from './characters.ts';
import type { TextPart } from './flag-text.ts';
import type { HeredocText } from './heredoc.ts';
import type { JsonElement } from './json-array.ts';
import type { LogicalLine } from './logical-line.ts';
import { joinParts, type MappedText, slicePart } from './mapped-text.ts';

/** Carried by every token. Its image is the part of the line that starts at `at`. */
export interface TokenPayload {
  readonly line: LogicalLine;
  readonly at: number;
  /** Only Flag: what is left without quotes and escapes; offsets count from the start of the token. */
  readonly parts?: readonly TextPart[];
  /** Only ExecForm. */
  readonly elements?: readonly JsonElement[] | 'not-strings';
  /** Only HeredocBody. */
  readonly heredoc?: HeredocText;
}

export function payloadOf(token: IToken): TokenPayload {
  return token.payload as TokenPayload;
}

/** The token's text: continuations left out, of a flag also quotes and escapes. */
export function textOf(token: IToken): MappedText {
  const { line, at, parts } = payloadOf(token);
  const text = slicePart(line, at, at + token.image.length);
  return parts === undefined ? text : joinParts(text, parts);
}

/** An instruction from its keyword on: continuations joined, comments and heredoc bodies left out. */
export function instructionText(keyword: IToken): string {
  const { line, at } = payloadOf(keyword);
  return line.text.slice(at, trimmedEnd(line.text, at));
}
