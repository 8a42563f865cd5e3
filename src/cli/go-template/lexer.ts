import { createTemplateError } from './template-error.ts';

/** A part of an action. `field` is one member (`.ID`), `.` alone is `dot`. */
export type Token =
  | { readonly kind: 'field' | 'word' | 'variable' | 'mark'; readonly text: string; readonly isGlued: boolean }
  | { readonly kind: 'value'; readonly value: string | number | boolean | undefined }
  | { readonly kind: 'dot' };

/** Text, or the tokens of an action. */
export type Piece = string | readonly Token[];

const BLANK = ' \t\r\n';

/** Splits a template into text and actions. `{{-` and `-}}` take away the blanks beside them. Throws `usage`. */
export function splitTemplate(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let isTrimmed = false;
  for (;;) {
    const open = template.indexOf('{{', at);
    const trimsBefore = open !== -1 && template[open + 2] === '-' && isBlank(template[open + 3]);
    const text = template.slice(at, open === -1 ? undefined : open);
    const kept = isTrimmed ? text.trimStart() : text;
    pieces.push(trimsBefore ? kept.trimEnd() : kept);
    if (open === -1) return pieces;
    const start = open + (trimsBefore ? 3 : 2);
    const end = findEnd(template, start);
    isTrimmed = template[end - 1] === '-' && isBlank(template[end - 2]);
    const action = template.slice(start, isTrimmed ? end - 1 : end);
    if (!action.trimStart().startsWith('/*')) pieces.push(readTokens(action));
    at = end + 2;
  }
}

/** The end of an action: quoted text may hold braces. */
function findEnd(template: string, start: number): number {
  let at = start;
  while (at < template.length) {
    if (template.startsWith('}}', at)) return at;
    at = template[at] === '"' || template[at] === '`' ? endOfQuoted(template, at) : at + 1;
  }
  throw createTemplateError('unclosed action');
}

/** The position after a quoted text that begins here. */
function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at + 1;
  }
  throw createTemplateError('unterminated quoted string');
}

function readTokens(action: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < action.length) {
    if (isBlank(action[at])) {
      at++;
      continue;
    }
    const end = endOfToken(action, at);
    tokens.push(createToken(action.slice(at, end), at > 0 && !isBlank(action[at - 1])));
    at = end;
  }
  return tokens;
}

const ASSIGN = ':=';

function endOfToken(action: string, start: number): number {
  const first = action[start]!;
  if (first === '"' || first === '`') return endOfQuoted(action, start);
  if (action.startsWith(ASSIGN, start)) return start + 2;
  if ('()|,='.includes(first)) return start + 1;
  let end = start + 1;
  while (end < action.length && isWordCharacter(action[end]!, first)) end++;
  return end;
}

/** A member ends where the next begins; a number may have a point. */
function isWordCharacter(character: string, first: string): boolean {
  if (character === '.') return first === '-' || isDigit(first);
  return !isBlank(character) && !'()|,=:"`.'.includes(character);
}

function createToken(text: string, isGlued: boolean): Token {
  if (text === '.') return { kind: 'dot' };
  if (text.startsWith('"')) return { kind: 'value', value: unquote(text) };
  if (text.startsWith('`')) return { kind: 'value', value: text.slice(1, -1) };
  if (text === 'true' || text === 'false') return { kind: 'value', value: text === 'true' };
  if (text === 'nil') return { kind: 'value', value: undefined };
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return { kind: 'value', value: Number(text) };
  if (text === ASSIGN || '()|,='.includes(text)) return { kind: 'mark', text, isGlued };
  const [, sign, name] = /^([.$]?)(\w*)$/.exec(text) ?? [];
  if (name === undefined || (name === '' && sign !== '$')) throw createTemplateError(`unexpected \`${text}\``);
  return { kind: sign === '.' ? 'field' : sign === '$' ? 'variable' : 'word', text: name, isGlued };
}

function unquote(text: string): string {
  try {
    return JSON.parse(text);
  } catch {
    throw createTemplateError(`malformed string ${text}`);
  }
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && BLANK.includes(character);
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}
