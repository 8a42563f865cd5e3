/** The tokens of an instruction's line. What may stand in a line depends on its keyword, so each keyword opens a mode. */
import {
  type CustomPatternMatcherFunc,
  createToken,
  type IToken,
  type ITokenConfig,
  Lexer,
  type TokenType,
} from 'chevrotain';
import { isBlank, skipSpace, skipToBlank } from './characters.ts';
import { type FlagText, quotedWordEnd, readFlag, type TextPart } from './flag-text.ts';
import { type JsonElement, readJsonArray } from './json-array.ts';
import type { EscapeCharacter } from './logical-line.ts';

/** The escape character of the file that is being read: set before each line, since patterns take no argument for it. */
export interface Reading {
  escape: EscapeCharacter;
}

/** How the arguments of an instruction are split into tokens. */
export const MODES = {
  from: 'image',
  expose: 'words',
  add: 'paths',
  copy: 'paths',
  volume: 'paths',
  run: 'command',
  cmd: 'command',
  entrypoint: 'command',
  shell: 'command',
  healthcheck: 'healthcheck',
  user: 'text',
  workdir: 'text',
  stopsignal: 'text',
  maintainer: 'text',
  env: 'pairs',
  label: 'pairs',
  arg: 'declarations',
  onbuild: 'trigger',
} as const;

export type Keyword = keyof typeof MODES;
export const KEYWORDS = Object.keys(MODES) as readonly Keyword[];

/** What a pattern found out about its token beyond where it ends. */
export interface PatternPayload {
  readonly parts?: readonly TextPart[];
  readonly elements?: readonly JsonElement[] | 'not-strings';
}

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens(reading: Reading) {
  const flags = flagTokens(reading);
  return {
    ...keywordTokens(),
    ...flags,
    ...argumentTokens(),
    ...pairTokens(reading),
    /** Made by the tokenizer, not by a pattern: they lie beyond the line. */
    HeredocBody: createToken({ name: 'HeredocBody', pattern: NEVER }),
    LineEnd: createToken({ name: 'LineEnd', pattern: NEVER }),
  };
}

/** Which tokens are looked for in which mode, in order. */
export function lexerModes(tokens: Tokens): Record<string, TokenType[]> {
  const { Blank, Space, Flag, FlagsEnd, LeadingSpace, Word, As, Text, ExecForm, HealthType, Key, Equals, Value } =
    tokens;
  const keywords = [...KEYWORDS.map((keyword) => tokens[tokenName(keyword)]), tokens.Unknown];
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

export type KeywordToken =
  | 'From'
  | 'Expose'
  | 'Add'
  | 'Copy'
  | 'Volume'
  | 'Run'
  | 'Cmd'
  | 'Entrypoint'
  | 'Shell'
  | 'Healthcheck'
  | 'User'
  | 'Workdir'
  | 'Stopsignal'
  | 'Maintainer'
  | 'Env'
  | 'Label'
  | 'Arg'
  | 'Onbuild';

export function tokenName(keyword: Keyword): KeywordToken {
  return (keyword.charAt(0).toUpperCase() + keyword.slice(1)) as KeywordToken;
}

const NEVER: CustomPatternMatcherFunc = () => null;

function keywordTokens(): Record<KeywordToken | 'Unknown', TokenType> {
  const named = KEYWORDS.map((keyword) => {
    const name = tokenName(keyword);
    return [name, createToken({ name, pattern: matches(keywordEnd(keyword)), push_mode: MODES[keyword] })] as const;
  });
  const Unknown = createToken({ name: 'Unknown', pattern: matches(wordEnd), push_mode: 'text' });
  return { ...(Object.fromEntries(named) as Record<KeywordToken, TokenType>), Unknown };
}

/** An ONBUILD in an ONBUILD is not read further: it is refused anyway, and nobody can nest it a thousand times. */
function keywordEnd(keyword: Keyword): FindEnd {
  return (text, from, before) => {
    if ((text.charCodeAt(from) | 0x20) !== keyword.charCodeAt(0)) return undefined;
    if (keyword === 'onbuild' && before.length > 0) return undefined;
    const end = skipToBlank(text, from, text.length);
    return end - from === keyword.length && text.slice(from, end).toLowerCase() === keyword ? end : undefined;
  };
}

function flagTokens(reading: Reading) {
  const flag = (text: string, from: number, before: readonly IToken[]): FlagText | undefined =>
    expectsFlag(before) && isBlank(text, from - 1) ? readFlag(text, from, reading.escape) : undefined;
  const isEndMark = (text: string, { parts }: FlagText) =>
    parts.map(({ from, to }) => text.slice(from, to)).join('') === '--';
  return {
    Flag: token('Flag', (text, from, before) => {
      const found = flag(text, from, before);
      if (found === undefined || isEndMark(text, found)) return undefined;
      return {
        end: found.end,
        payload: { parts: found.parts.map((part) => ({ from: part.from - from, to: part.to - from })) },
      };
    }),
    FlagsEnd: token('FlagsEnd', (text, from, before) => {
      const found = flag(text, from, before);
      return found && isEndMark(text, found) ? found.end : undefined;
    }),
  };
}

function argumentTokens() {
  return {
    Blank: createToken({ name: 'Blank', pattern: BLANK, group: Lexer.SKIPPED }),
    /** Wide space counts as space too, but not everywhere: pasted into a list of paths it is part of a path. */
    Space: createToken({ name: 'Space', pattern: SPACE, group: Lexer.SKIPPED }),
    LeadingSpace: createToken({
      name: 'LeadingSpace',
      pattern: matches((text, from, before) => (expectsArgument(before) ? skipSpace(text, from) : undefined)),
      group: Lexer.SKIPPED,
    }),
    Word: token('Word', wordEnd),
    /** The second word of FROM. */
    As: token('As', (text, from, before) => {
      const isSecond = before.at(-1)?.tokenType.name === 'Word' && before.at(-2)?.tokenType.name !== 'Word';
      const end = wordEnd(text, from);
      return isSecond && text.slice(from, end).toLowerCase() === 'as' ? end : undefined;
    }),
    /** Everything to the end of the line. */
    Text: token('Text', (text) => text.length),
    ExecForm: token('ExecForm', (text, from, before) => {
      const elements = expectsArgument(before) ? readJsonArray(text.slice(from)) : undefined;
      return elements && { end: text.length, payload: { elements } };
    }),
    /** `CMD` or `NONE`; the command after it is read as that of CMD is. */
    HealthType: createToken({ name: 'HealthType', pattern: matches(wordEnd), push_mode: 'check' }),
  };
}

/** ENV, LABEL and ARG: a word with quotes is cut at its first equals sign, wherever the quotes stand. */
function pairTokens(reading: Reading) {
  const end = (text: string, from: number) => quotedWordEnd(text, from, reading.escape);
  return {
    StrayEscape: createToken({
      name: 'StrayEscape',
      pattern: matches((text, from) =>
        from === text.length - 1 && text[from] === reading.escape ? text.length : undefined,
      ),
      group: Lexer.SKIPPED,
    }),
    LegacyKey: token('LegacyKey', (text, from, before) => {
      const isLegacy = expectsArgument(before) && !text.slice(from, end(text, from)).includes('=');
      return isLegacy ? wordEnd(text, from) : undefined;
    }),
    LegacyValue: token('LegacyValue', (text, _from, before) =>
      lastName(before) === 'LegacyKey' ? text.length : undefined,
    ),
    Key: token('Key', (text, from) => {
      const equals = text.indexOf('=', from);
      const word = end(text, from);
      return equals < 0 || equals > word ? word : equals;
    }),
    Equals: token('Equals', (text, from, before) =>
      text[from] === '=' && lastName(before) === 'Key' && endOf(before) === from ? from + 1 : undefined,
    ),
    /** An equals sign without a name before it. */
    BareEquals: token('BareEquals', (text, from) => (text[from] === '=' ? from + 1 : undefined)),
    Value: token('Value', (text, from, before) => {
      const last = lastName(before);
      if ((last !== 'Equals' && last !== 'BareEquals') || endOf(before) !== from) return undefined;
      const start = before.at(last === 'Equals' ? -2 : -1)!;
      return end(text, start.startOffset);
    }),
  };
}

const BLANK = /[\t\v\f\r ]+/;
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

type FindEnd = (text: string, from: number, before: readonly IToken[]) => number | undefined;
type Found = number | undefined | { readonly end: number; readonly payload: PatternPayload };

function token(name: string, find: (text: string, from: number, before: readonly IToken[]) => Found): TokenType {
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

function matches(findEnd: FindEnd): CustomPatternMatcherFunc {
  return (text, from, before) => {
    const end = findEnd(text, from, before);
    return end === undefined || end <= from ? null : [text.slice(from, end)];
  };
}

function wordEnd(text: string, from: number): number {
  return skipToBlank(text, from, text.length);
}

function lastName(before: readonly IToken[]): string | undefined {
  return before.at(-1)?.tokenType.name;
}

/** Where the last token ends, in the text of the line. */
function endOf(before: readonly IToken[]): number {
  const last = before.at(-1)!;
  return last.startOffset + last.image.length;
}

/** Flags follow the keyword or another flag. */
function expectsFlag(before: readonly IToken[]): boolean {
  const last = before.at(-1)?.tokenType;
  return last?.name === 'Flag' || last?.PUSH_MODE !== undefined;
}

function expectsArgument(before: readonly IToken[]): boolean {
  return expectsFlag(before) || lastName(before) === 'FlagsEnd';
}
