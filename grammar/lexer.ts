/**
 * Text to tokens. BuildKit's language is one of logical lines: continuations, comments among them and heredoc bodies are
 * dealt with before anything else is looked at. So lines are joined first, Chevrotain's lexer reads each joined line, and the
 * tokens are put back to where they came from in the source.
 */
import { createTokenInstance, type IToken, Lexer, type TokenType } from 'chevrotain';
import { skipSpace, trimmedEnd } from './characters.ts';
import { readHeredocs } from './heredoc.ts';
import {
  type EscapeCharacter,
  isCommentLine,
  type LogicalLine,
  physicalLineAt,
  readLogicalLine,
} from './logical-line.ts';
import { type Span, sourceOffset } from './mapped-text.ts';
import type { TokenPayload } from './token-text.ts';
import { lexerModes, type PatternPayload, type Reading, type Tokens } from './tokens.ts';

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

export function createTokenizer(tokens: Tokens, reading: Reading): Tokenize {
  const lexer = new Lexer(
    { modes: lexerModes(tokens), defaultMode: 'keyword' },
    { positionTracking: 'onlyOffset', skipValidations: true, recoveryEnabled: false },
  );
  return (source, escapeCharacter) => {
    reading.escape = escapeCharacter;
    return tokenizeFile(source, escapeCharacter, tokens, lexer);
  };
}

function tokenizeFile(source: string, escapeCharacter: EscapeCharacter, types: Tokens, lexer: Lexer): TokenizedFile {
  const tokens: IToken[] = [];
  const comments: Comment[] = [];
  for (let at = 0; at < source.length; ) {
    const first = physicalLineAt(source, at);
    const start = skipSpace(source, first.start, first.end);
    if (start === first.end || isCommentLine(source, first)) {
      if (start < first.end) comments.push(commentOf(source, start, first.end));
      at = first.next;
      continue;
    }
    at = tokenizeLine(source, readLogicalLine(source, start, escapeCharacter), { types, lexer, tokens });
  }
  return { tokens, comments };
}

interface Tokenizing {
  readonly types: Tokens;
  readonly lexer: Lexer;
  readonly tokens: IToken[];
}

/** Adds the tokens of one line and the heredoc bodies after it; returns where the next line starts. */
function tokenizeLine(source: string, line: LogicalLine, { types, lexer, tokens }: Tokenizing): number {
  const from = skipSpace(line.text, 0);
  const text = line.text.slice(from, trimmedEnd(line.text, from));
  const found = text === '' ? [emptyInstruction(types)] : lexer.tokenize(text).tokens;
  for (const token of found) tokens.push(placed(token, line, from));
  const heredocs = mayHaveHeredocs(found, types) ? readHeredocs(source, line) : [];
  const at = line.text.length;
  for (const heredoc of heredocs) tokens.push(tokenAt(types.HeredocBody, heredoc.span, { line, at, heredoc }));
  const end = heredocs.at(-1)?.span.end ?? line.end;
  tokens.push(tokenAt(types.LineEnd, { start: end, end }, { line, at }));
  return physicalLineAt(source, end).next;
}

/** Nothing but escape characters at the ends of lines. */
function emptyInstruction(types: Tokens): IToken {
  return createTokenInstance(types.Unknown, '', 0, 0, NaN, NaN, NaN, NaN);
}

/**
 * Moves a token from its line to the source. End offsets are exclusive throughout, against Chevrotain's habit: a token
 * without a character has no last one.
 */
function placed(token: IToken, line: LogicalLine, from: number): IToken {
  const at = from + token.startOffset;
  const payload: TokenPayload = { line, at, ...(token.payload as PatternPayload | undefined) };
  token.endOffset = sourceOffset(line, at + Math.max(0, token.image.length - 1)) + Math.min(1, token.image.length);
  token.startOffset = sourceOffset(line, at);
  token.payload = payload;
  return token;
}

function tokenAt(type: TokenType, span: Span, payload: TokenPayload): IToken {
  const token = createTokenInstance(type, '', span.start, span.end, NaN, NaN, NaN, NaN);
  token.payload = payload;
  return token;
}

/** RUN, COPY and ADD, also as triggers, unless their arguments are a JSON array. */
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

function commentOf(source: string, start: number, end: number): Comment {
  const from = skipSpace(source, start + 1, end);
  return { text: source.slice(from, Math.max(from, trimmedEnd(source, from, end))), span: { start, end } };
}
