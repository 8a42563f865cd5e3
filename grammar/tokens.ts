/** The tokens of a line. Which tokens are valid depends on the keyword, so each keyword has a lexer mode. */
import {
  type CustomPatternMatcherFunc,
  createToken,
  type IToken,
  type ITokenConfig,
  Lexer,
  type TokenType,
} from 'chevrotain';
import { isBlank, skipSpace, skipToBlank } from './characters.ts';
import { type FlagText, findQuotedWordEnd, readFlag, type TextPart } from './flag-text.ts';
import { type JsonElement, readJsonArray } from './json-array.ts';
import { KEYWORDS, type Keyword, MODES } from './keywords.ts';
import type { EscapeCharacter } from './logical-line.ts';

/** The escape character of the current file. Mutable, because Chevrotain's patterns have no parameter for it. */
export interface LexerState {
  escape: EscapeCharacter;
}

/** Additional result of a pattern. */
export interface PatternPayload {
  readonly parts?: readonly TextPart[];
  readonly elements?: readonly JsonElement[] | 'not-strings';
}

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens(reading: LexerState) {
  const flags = createFlagTokens(reading);
  return {
    ...createKeywordTokens(),
    ...flags,
    ...createArgumentTokens(),
    ...createPairTokens(reading),
    /** Created by the tokenizer and not by a pattern, because they are outside of the line. */
    HeredocBody: createToken({ name: 'HeredocBody', pattern: matchNothing }),
    LineEnd: createToken({ name: 'LineEnd', pattern: matchNothing }),
  };
}

/** The tokens of each mode, in match order. */
export function createLexerModes(tokens: Tokens): Record<string, TokenType[]> {
  const { Blank, Space, Flag, FlagsEnd, LeadingSpace, Word, As, Text, ExecForm, HealthType, Key, Equals, Value } =
    tokens;
  const keywords = [...KEYWORDS.map((keyword) => tokens[toTokenName(keyword)]), tokens.Unknown];
  const flags = [Blank, FlagsEnd, Flag];
  const pairs = [Space, tokens.StrayEscape, Equals, tokens.BareEquals, Key];
  return {
    keyword: keywords,
    image: [...flags, LeadingSpace, As, Word],
    words: [...flags, LeadingSpace, Word],
    paths: [...flags, LeadingSpace, ExecForm, Word],
    command: [...flags, LeadingSpace, ExecForm, Text],
    healthcheck: [...flags, LeadingSpace, HealthType],
    check: [Space, ExecForm, Text],
    text: [...flags, LeadingSpace, Text],
    pairs: [Value, ...flags, tokens.LegacyValue, LeadingSpace, tokens.LegacyKey, ...pairs],
    declarations: [Value, ...flags, ...pairs],
    trigger: [...flags, LeadingSpace, ...keywords],
  };
}

export type KeywordToken = Capitalize<Keyword>;

export function toTokenName(keyword: Keyword): KeywordToken {
  return (keyword.charAt(0).toUpperCase() + keyword.slice(1)) as KeywordToken;
}

const matchNothing: CustomPatternMatcherFunc = () => null;

function createKeywordTokens(): Record<KeywordToken | 'Unknown', TokenType> {
  const named = KEYWORDS.map((keyword) => {
    const name = toTokenName(keyword);
    return [
      name,
      createToken({ name, pattern: createMatcher(createKeywordMatcher(keyword)), push_mode: MODES[keyword] }),
    ] as const;
  });
  const Unknown = createToken({ name: 'Unknown', pattern: createMatcher(findWordEnd), push_mode: 'text' });
  return { ...(Object.fromEntries(named) as Record<KeywordToken, TokenType>), Unknown };
}

/** An ONBUILD in an ONBUILD is not a keyword. It is invalid anyway, and this prevents deep nesting. */
function createKeywordMatcher(keyword: Keyword): FindEnd {
  return (text, from, before) => {
    if ((text.charCodeAt(from) | 0x20) !== keyword.charCodeAt(0)) return undefined;
    if (keyword === 'onbuild' && before.length > 0) return undefined;
    const end = skipToBlank(text, from, text.length);
    return end - from === keyword.length && text.slice(from, end).toLowerCase() === keyword ? end : undefined;
  };
}

function createFlagTokens(reading: LexerState) {
  const readFlagAt = (text: string, from: number, before: readonly IToken[]): FlagText | undefined =>
    expectsFlag(before) && isBlank(text, from - 1) ? readFlag(text, from, reading.escape) : undefined;
  const isEndMark = (text: string, { parts }: FlagText) =>
    parts.map(({ from, to }) => text.slice(from, to)).join('') === '--';
  return {
    Flag: createPatternToken('Flag', (text, from, before) => {
      const found = readFlagAt(text, from, before);
      if (found === undefined || isEndMark(text, found)) return undefined;
      return {
        end: found.end,
        payload: { parts: found.parts.map((part) => ({ from: part.from - from, to: part.to - from })) },
      };
    }),
    FlagsEnd: createPatternToken('FlagsEnd', (text, from, before) => {
      const found = readFlagAt(text, from, before);
      return found && isEndMark(text, found) ? found.end : undefined;
    }),
  };
}

function createArgumentTokens() {
  return {
    Blank: createToken({ name: 'Blank', pattern: BLANK, group: Lexer.SKIPPED }),
    /** Unicode space is space here, but in a list of paths it is part of a path. */
    Space: createToken({ name: 'Space', pattern: SPACE, group: Lexer.SKIPPED }),
    LeadingSpace: createToken({
      name: 'LeadingSpace',
      pattern: createMatcher((text, from, before) => (expectsArgument(before) ? skipSpace(text, from) : undefined)),
      group: Lexer.SKIPPED,
    }),
    Word: createPatternToken('Word', findWordEnd),
    /** The second word of FROM. */
    As: createPatternToken('As', (text, from, before) => {
      const isSecond = before.at(-1)?.tokenType.name === 'Word' && before.at(-2)?.tokenType.name !== 'Word';
      const end = findWordEnd(text, from);
      return isSecond && text.slice(from, end).toLowerCase() === 'as' ? end : undefined;
    }),
    /** Matches everything to the end of the line. */
    Text: createPatternToken('Text', (text) => text.length),
    ExecForm: createPatternToken('ExecForm', (text, from, before) => {
      const elements = expectsArgument(before) ? readJsonArray(text.slice(from)) : undefined;
      return elements && { end: text.length, payload: { elements } };
    }),
    /** `CMD` or `NONE`. The command after it has the same tokens as that of CMD. */
    HealthType: createToken({ name: 'HealthType', pattern: createMatcher(findWordEnd), push_mode: 'check' }),
  };
}

/** ENV, LABEL and ARG: a word is split at its first equals sign, also inside quotes. */
function createPairTokens(reading: LexerState) {
  const end = (text: string, from: number) => findQuotedWordEnd(text, from, reading.escape);
  return {
    StrayEscape: createToken({
      name: 'StrayEscape',
      pattern: createMatcher((text, from) =>
        from === text.length - 1 && text[from] === reading.escape ? text.length : undefined,
      ),
      group: Lexer.SKIPPED,
    }),
    LegacyKey: createPatternToken('LegacyKey', (text, from, before) => {
      const isLegacy = expectsArgument(before) && !text.slice(from, end(text, from)).includes('=');
      return isLegacy ? findWordEnd(text, from) : undefined;
    }),
    LegacyValue: createPatternToken('LegacyValue', (text, _from, before) =>
      findLastName(before) === 'LegacyKey' ? text.length : undefined,
    ),
    Key: createPatternToken('Key', (text, from) => {
      const equals = text.indexOf('=', from);
      const word = end(text, from);
      return equals < 0 || equals > word ? word : equals;
    }),
    Equals: createPatternToken('Equals', (text, from, before) =>
      text[from] === '=' && findLastName(before) === 'Key' && findLastEnd(before) === from ? from + 1 : undefined,
    ),
    /** An equals sign without a name. */
    BareEquals: createPatternToken('BareEquals', (text, from) => (text[from] === '=' ? from + 1 : undefined)),
    Value: createPatternToken('Value', (text, from, before) => {
      const last = findLastName(before);
      if ((last !== 'Equals' && last !== 'BareEquals') || findLastEnd(before) !== from) return undefined;
      const start = before.at(last === 'Equals' ? -2 : -1)!;
      return end(text, start.startOffset);
    }),
  };
}

const BLANK = /[\t\v\f\r ]+/;
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

type FindEnd = (text: string, from: number, before: readonly IToken[]) => number | undefined;
type PatternResult = number | undefined | { readonly end: number; readonly payload: PatternPayload };

function createPatternToken(
  name: string,
  find: (text: string, from: number, before: readonly IToken[]) => PatternResult,
): TokenType {
  const pattern: CustomPatternMatcherFunc = (text, from, before) => {
    const found = find(text, from, before);
    const end = typeof found === 'object' ? found.end : found;
    if (end === undefined || end <= from) return null;
    const match: [string] & { payload?: PatternPayload } = [text.slice(from, end)];
    if (typeof found === 'object') match.payload = found.payload;
    return match;
  };
  return createToken({ name, pattern, line_breaks: true } satisfies ITokenConfig);
}

function createMatcher(findEnd: FindEnd): CustomPatternMatcherFunc {
  return (text, from, before) => {
    const end = findEnd(text, from, before);
    return end === undefined || end <= from ? null : [text.slice(from, end)];
  };
}

function findWordEnd(text: string, from: number): number {
  return skipToBlank(text, from, text.length);
}

function findLastName(before: readonly IToken[]): string | undefined {
  return before.at(-1)?.tokenType.name;
}

/** The end of the last token, in the text of the line. */
function findLastEnd(before: readonly IToken[]): number {
  const last = before.at(-1)!;
  return last.startOffset + last.image.length;
}

/** Flags follow the keyword or another flag. */
function expectsFlag(before: readonly IToken[]): boolean {
  const last = before.at(-1)?.tokenType;
  return last?.name === 'Flag' || last?.PUSH_MODE !== undefined;
}

function expectsArgument(before: readonly IToken[]): boolean {
  return expectsFlag(before) || findLastName(before) === 'FlagsEnd';
}
