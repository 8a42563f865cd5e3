/**
 * Splits text into tokens. BuildKit's language consists of logical lines: continuations, comments inside them and heredoc bodies
 * are handled first. So this lexer joins the lines, then Chevrotain's lexer reads each joined line, and then the tokens get their
 * offsets in the source.
 */
import { createTokenInstance, type IToken, Lexer, type TokenType } from 'chevrotain';
import { findTrimmedEnd, skipSpace } from './characters.ts';
import { readHeredocs } from './heredoc.ts';
import {
  type EscapeCharacter,
  isCommentLine,
  type LogicalLine,
  readLogicalLine,
  readPhysicalLine,
} from './logical-line.ts';
import { findSourceOffset, type Span } from './mapped-text.ts';
import type { TokenPayload } from './token-text.ts';
import { createLexerModes, type LexerState, type PatternPayload, type Tokens } from './tokens.ts';

export interface Comment {
  readonly text: string;
  readonly span: Span;
}

export interface TokenizedFile {
  readonly tokens: readonly IToken[];
  /** Whole-line comments between instructions. */
  readonly comments: readonly Comment[];
}

export type Tokenize = (source: string, escapeCharacter: EscapeCharacter) => TokenizedFile;

export function createTokenizer(tokens: Tokens, reading: LexerState): Tokenize {
  const lexer = new Lexer(
    { modes: createLexerModes(tokens), defaultMode: 'keyword' },
    { positionTracking: 'onlyOffset', skipValidations: true, recoveryEnabled: false },
  );
  return (source, escapeCharacter) => {
    reading.escape = escapeCharacter;
    return tokenizeFile(source, escapeCharacter, { types: tokens, lexer });
  };
}

function tokenizeFile(
  source: string,
  escapeCharacter: EscapeCharacter,
  { types, lexer }: { readonly types: Tokens; readonly lexer: Lexer },
): TokenizedFile {
  const tokens: IToken[] = [];
  const comments: Comment[] = [];
  for (let at = 0; at < source.length; ) {
    const first = readPhysicalLine(source, at);
    const start = skipSpace(source, first.start, first.end);
    if (start === first.end || isCommentLine(source, first)) {
      if (start < first.end) comments.push(readComment(source, start, first.end));
      at = first.next;
      continue;
    }
    at = tokenizeLine(source, readLogicalLine(source, start, escapeCharacter), { types, lexer, tokens });
  }
  return { tokens, comments };
}

interface TokenizeContext {
  readonly types: Tokens;
  readonly lexer: Lexer;
  readonly tokens: IToken[];
}

/** Adds the tokens of one line and of its heredoc bodies. Returns the start of the next line. */
function tokenizeLine(source: string, line: LogicalLine, { types, lexer, tokens }: TokenizeContext): number {
  const from = skipSpace(line.text, 0);
  const text = line.text.slice(from, findTrimmedEnd(line.text, from));
  const found = text === '' ? [createEmptyInstruction(types)] : lexer.tokenize(text).tokens;
  for (const token of found) tokens.push(moveToSource(token, line, from));
  const heredocs = mayHaveHeredocs(found, types) ? readHeredocs(source, line) : [];
  const at = line.text.length;
  for (const heredoc of heredocs) tokens.push(createSpanToken(types.HeredocBody, heredoc.span, { line, at, heredoc }));
  const end = heredocs.at(-1)?.span.end ?? line.end;
  tokens.push(createSpanToken(types.LineEnd, { start: end, end }, { line, at }));
  return readPhysicalLine(source, end).next;
}

/** The token of a line that consists only of escape characters. */
function createEmptyInstruction(types: Tokens): IToken {
  return createTokenInstance(types.Unknown, '', 0, 0, NaN, NaN, NaN, NaN);
}

/**
 * Changes the offsets of a token from its line to the source. Unlike in Chevrotain, end offsets are exclusive, because an empty
 * token has no last character.
 */
function moveToSource(token: IToken, line: LogicalLine, from: number): IToken {
  const at = from + token.startOffset;
  const payload: TokenPayload = { line, at, ...(token.payload as PatternPayload | undefined) };
  token.endOffset = findSourceOffset(line, at + Math.max(0, token.image.length - 1)) + Math.min(1, token.image.length);
  token.startOffset = findSourceOffset(line, at);
  token.payload = payload;
  return token;
}

function createSpanToken(type: TokenType, span: Span, payload: TokenPayload): IToken {
  const token = createTokenInstance(type, '', span.start, span.end, NaN, NaN, NaN, NaN);
  token.payload = payload;
  return token;
}

/** True for RUN, COPY and ADD, also as triggers, unless their arguments are a JSON array. */
function mayHaveHeredocs(tokens: readonly IToken[], types: Tokens): boolean {
  const keywords = tokens.filter(
    ({ tokenType }) => tokenType.PUSH_MODE !== undefined && tokenType !== types.HealthType,
  );
  const last = keywords.at(-1)?.tokenType;
  const isTrigger = keywords.length === 2 && keywords[0]?.tokenType === types.Onbuild;
  if (keywords.length !== 1 && !isTrigger) return false;
  if (last !== types.Run && last !== types.Copy && last !== types.Add) return false;
  return !tokens.some(({ payload }) => payload?.elements !== undefined);
}

function readComment(source: string, start: number, end: number): Comment {
  const from = skipSpace(source, start + 1, end);
  return { text: source.slice(from, Math.max(from, findTrimmedEnd(source, from, end))), span: { start, end } };
}
