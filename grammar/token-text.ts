/** The text of a token, and its position in the source. */
import type { IToken } from 'chevrotain';
import { findTrimmedEnd } from './characters.ts';
import type { TextPart } from './flag-text.ts';
import type { HeredocText } from './heredoc.ts';
import type { JsonElement } from './json-array.ts';
import type { LogicalLine } from './logical-line.ts';
import { joinParts, type MappedText, slicePart } from './mapped-text.ts';

/** The payload of every token. The image of the token is the part of the line that starts at `at`. */
export interface TokenPayload {
  readonly line: LogicalLine;
  readonly at: number;
  /** Only for Flag: the text without quotes and escapes. Offsets count from the start of the token. */
  readonly parts?: readonly TextPart[];
  /** Only for ExecForm. */
  readonly elements?: readonly JsonElement[] | 'not-strings';
  /** Only for HeredocBody. */
  readonly heredoc?: HeredocText;
}

export function getPayload(token: IToken): TokenPayload {
  return token.payload as TokenPayload;
}

/** The text of a token without continuations; for a flag, also without quotes and escapes. */
export function readTokenText(token: IToken): MappedText {
  const { line, at, parts } = getPayload(token);
  const text = slicePart(line, at, at + token.image.length);
  return parts === undefined ? text : joinParts(text, parts);
}

/** The text of an instruction from its keyword: continuations joined, without comments and heredoc bodies. */
export function readInstructionText(keyword: IToken): string {
  const { line, at } = getPayload(keyword);
  return line.text.slice(at, findTrimmedEnd(line.text, at));
}
