/**
 * The word syntax of build files: quotes, escapes, `$name` and `${name:-word}`. Only the syntax: variables are evaluated in the
 * plan, which joins the texts of the parts. The behaviour is that of BuildKit's `frontend/dockerfile/shell`.
 */
import {
  createFault,
  createMissingBraceFault,
  formatBadSubstitution,
  readName,
  WordCursor,
  WordFault,
  type WordProblem,
  type WordSyntax,
} from './word-cursor.ts';

export type { WordProblem, WordSyntax } from './word-cursor.ts';

export type ExpansionOperator = ':-' | '-' | ':+' | '+' | ':?' | '?' | '#' | '##' | '%' | '%%' | '/' | '//';

/** A part of a word. `quoted` text comes from quotes or an escape and is never split. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly quoted: boolean;
      /** As written: `$x`, `${x:-y}`. */
      readonly raw: string;
      readonly operator?: ExpansionOperator;
      /** For `#`, `%` and `/` a pattern: its text keeps escape characters, and doubles those in quotes. */
      readonly operand?: readonly WordPart[];
      /** The replacement of `/` and `//`. Its text keeps escape characters. */
      readonly replacement?: readonly WordPart[];
    };

export interface WordScan {
  readonly parts: readonly WordPart[];
  readonly hasQuotes: boolean;
  /** Set if the text is invalid. Its only part is then the text as written. */
  readonly problem?: WordProblem;
}

/** Scans a whole text as one word. Space has no special meaning. */
export function scanWord(text: string, syntax: WordSyntax): WordScan {
  if (!needsScan(text, syntax))
    return { parts: text === '' ? [] : [{ kind: 'text', text, quoted: false }], hasQuotes: false };
  const cursor = new WordCursor(text, syntax);
  try {
    const parts = readUntil(cursor, undefined, PLAIN);
    return { parts, hasQuotes: cursor.hasQuotes };
  } catch (error) {
    if (!(error instanceof WordFault)) throw error;
    return { parts: [{ kind: 'text', text, quoted: false }], hasQuotes: cursor.hasQuotes, problem: error.problem };
  }
}

/** The end of the `$…` at `from`; undefined if it is invalid. A `$` without a variable has length 1. */
export function findVariableEnd(text: string, from: number, syntax: WordSyntax): number | undefined {
  const cursor = new WordCursor(text, syntax);
  cursor.at = from;
  try {
    readVariable(cursor, [], false);
    return cursor.at;
  } catch (error) {
    if (error instanceof WordFault) return undefined;
    throw error;
  }
}

/** How escape characters are handled. */
interface EscapeRules {
  readonly keepsEscapes: boolean;
  readonly doublesQuotedEscapes: boolean;
}
const PLAIN: EscapeRules = { keepsEscapes: false, doublesQuotedEscapes: false };
const PATTERN: EscapeRules = { keepsEscapes: true, doublesQuotedEscapes: true };
const REPLACEMENT: EscapeRules = { keepsEscapes: true, doublesQuotedEscapes: false };

/** Protects the stack from hostile input. No real build file nests so deeply. */
const DEEPEST_NESTING = 200;

/** Mutable list of parts: text is appended to the last part. */
type PartBuffer = ({ kind: 'text'; text: string; quoted: boolean } | Extract<WordPart, { kind: 'variable' }>)[];

function needsScan(text: string, syntax: WordSyntax): boolean {
  for (const character of text) {
    if (character === '$' || character === syntax.escape) return true;
    if (!syntax.literalQuotes && (character === '"' || character === "'")) return true;
  }
  return false;
}

/** Reads up to and including the stop character, or to the end of the text. */
function readUntil(cursor: WordCursor, stop: string | undefined, reading: EscapeRules): WordPart[] {
  const parts: PartBuffer = [];
  while (!cursor.isAtEnd) {
    if (cursor.next === stop) {
      cursor.take();
      return parts;
    }
    readPiece(cursor, parts, reading);
  }
  if (stop !== undefined) throw createFault(cursor, 'unterminated-substitution', `missing \`${stop}\` in \`\${…}\``);
  return parts;
}

function readPiece(cursor: WordCursor, parts: PartBuffer, reading: EscapeRules): void {
  const { next } = cursor;
  if (next === '$') readVariable(cursor, parts, false);
  else if (next === "'" && !cursor.syntax.literalQuotes) readSingleQuotes(cursor, parts, reading);
  else if (next === '"' && !cursor.syntax.literalQuotes) readDoubleQuotes(cursor, parts, reading);
  else if (next === cursor.syntax.escape) readEscape(cursor, parts, reading);
  else addText(parts, cursor.take(), false);
}

/** An escape character at the end of the text is dropped. */
function readEscape(cursor: WordCursor, parts: PartBuffer, reading: EscapeRules): void {
  const sign = cursor.take();
  addText(parts, (reading.keepsEscapes ? sign : '') + cursor.take(), true);
}

function readSingleQuotes(cursor: WordCursor, parts: PartBuffer, reading: EscapeRules): void {
  cursor.hasQuotes = true;
  const from = cursor.at;
  const end = cursor.text.indexOf("'", from + 1);
  if (end < 0) throw createFault(cursor, 'unterminated-quote', "missing closing quote `'`", from);
  const inside = cursor.text.slice(from + 1, end);
  const sign = cursor.syntax.escape;
  addText(parts, reading.doublesQuotedEscapes ? inside.replaceAll(sign, sign + sign) : inside, true);
  cursor.at = end + 1;
}

function readDoubleQuotes(cursor: WordCursor, parts: PartBuffer, reading: EscapeRules): void {
  cursor.hasQuotes = true;
  const from = cursor.at;
  cursor.take();
  addText(parts, '', true);
  while (!cursor.isAtEnd && cursor.next !== '"') {
    if (cursor.next === '$') readVariable(cursor, parts, true);
    else if (cursor.next === cursor.syntax.escape) readQuotedEscape(cursor, parts, reading);
    else addText(parts, cursor.take(), true);
  }
  if (cursor.isAtEnd) throw createFault(cursor, 'unterminated-quote', 'missing closing quote `"`', from);
  cursor.take();
}

/** In double quotes only `"`, `$` and the escape character can be escaped. Before other characters, the escape character is text. */
function readQuotedEscape(cursor: WordCursor, parts: PartBuffer, reading: EscapeRules): void {
  const sign = cursor.take();
  const isEscape = cursor.next === '"' || cursor.next === '$' || cursor.next === sign;
  if (isEscape) addText(parts, (reading.keepsEscapes ? sign : '') + cursor.take(), true);
  else addText(parts, reading.keepsEscapes ? sign + sign : sign, true);
}

/** Reads a variable, or the text `$` if no name follows. */
function readVariable(cursor: WordCursor, parts: PartBuffer, quoted: boolean): void {
  const from = cursor.at;
  cursor.take();
  if (cursor.next === '{') {
    parts.push(readBraces(cursor, from, quoted));
    return;
  }
  const name = readName(cursor);
  if (name === '') addText(parts, '$', quoted);
  else parts.push({ kind: 'variable', name, quoted, raw: cursor.text.slice(from, cursor.at) });
}

function readBraces(cursor: WordCursor, from: number, quoted: boolean): WordPart {
  cursor.take();
  if (cursor.isAtEnd) throw createMissingBraceFault(cursor, from);
  if ('{}:'.includes(cursor.next))
    throw createFault(cursor, 'bad-substitution', formatBadSubstitution(cursor, from), from, cursor.at + 1);
  if (cursor.depth >= DEEPEST_NESTING)
    throw createFault(cursor, 'bad-substitution', '`${…}` is nested too deeply', from);
  cursor.depth += 1;
  const name = readName(cursor);
  const expansion = readExpansion(cursor, from);
  cursor.depth -= 1;
  return { kind: 'variable', name, quoted, raw: cursor.text.slice(from, cursor.at), ...expansion };
}

type Expansion = Pick<Extract<WordPart, { kind: 'variable' }>, 'operator' | 'operand' | 'replacement'>;

/** Reads the part between the name and the closing brace. */
function readExpansion(cursor: WordCursor, from: number): Expansion {
  if (cursor.isAtEnd) throw createMissingBraceFault(cursor, from);
  const sign = cursor.take();
  if (sign === '}') return {};
  const next = cursor.next;
  if (sign === '/') return readReplace(cursor, from);
  if (sign === '-' || sign === '+' || sign === '?') return readOperand(cursor, from, sign, PLAIN);
  if (sign === '#' || sign === '%') return readPattern(cursor, from, sign);
  if (sign === ':' && (next === '-' || next === '+' || next === '?')) {
    cursor.take();
    return readOperand(cursor, from, `:${next}`, PLAIN);
  }
  const modifier = JSON.stringify(sign === ':' ? sign + next : sign).slice(1, -1);
  const message = `unsupported modifier \`${modifier}\` in \`\${…}\``;
  throw createFault(
    cursor,
    'bad-substitution',
    message,
    from,
    cursor.at,
    'supported are :- - :+ + :? ? # ## % %% / //',
  );
}

function readOperand(cursor: WordCursor, from: number, operator: ExpansionOperator, reading: EscapeRules): Expansion {
  return { operator, operand: readClosedPart(cursor, from, () => readUntil(cursor, '}', reading)) };
}

function readPattern(cursor: WordCursor, from: number, sign: '#' | '%'): Expansion {
  if (cursor.next !== sign) return readOperand(cursor, from, sign, PATTERN);
  cursor.take();
  return readOperand(cursor, from, `${sign}${sign}` as '##' | '%%', PATTERN);
}

function readReplace(cursor: WordCursor, from: number): Expansion {
  const operator = cursor.next === '/' ? '//' : '/';
  if (operator === '//') cursor.take();
  const operand = readClosedPart(cursor, from, () => readUntil(cursor, '/', PATTERN), '/');
  const replacement = readClosedPart(cursor, from, () => readUntil(cursor, '}', REPLACEMENT));
  return { operator, operand, replacement };
}

/** Runs `read`. If the text ends early, reports that the whole substitution is not closed. */
function readClosedPart(cursor: WordCursor, from: number, read: () => WordPart[], stop = '}'): WordPart[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WordFault) || error.problem.code !== 'unterminated-substitution') throw error;
    throw stop === '}'
      ? createMissingBraceFault(cursor, from)
      : createFault(cursor, error.problem.code, error.problem.message, from);
  }
}

/** Adds text. Adjacent texts with the same quoting become one part. */
function addText(parts: PartBuffer, text: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.kind === 'text' && last.quoted === quoted) last.text += text;
  else parts.push({ kind: 'text', text, quoted });
}
