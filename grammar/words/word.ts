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
import { addText, type ExpansionOperator, type PartBuffer, type WordPart } from './word-part.ts';

export type { WordProblem, WordSyntax } from './word-cursor.ts';
export type { ExpansionOperator, WordPart } from './word-part.ts';

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
  if (stop !== undefined)
    throw createFault(cursor, { code: 'unterminated-substitution', message: `missing \`${stop}\` in \`\${…}\`` });
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
  if (end < 0) throw createFault(cursor, { code: 'unterminated-quote', message: "missing closing quote `'`", from });
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
  if (cursor.isAtEnd)
    throw createFault(cursor, { code: 'unterminated-quote', message: 'missing closing quote `"`', from });
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
    throw createFault(cursor, {
      code: 'bad-substitution',
      message: formatBadSubstitution(cursor, from),
      from,
      to: cursor.at + 1,
    });
  if (cursor.depth >= DEEPEST_NESTING)
    throw createFault(cursor, { code: 'bad-substitution', message: '`${…}` is nested too deeply', from });
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
  if (sign === '-' || sign === '+' || sign === '?')
    return readOperand(cursor, from, { operator: sign, reading: PLAIN });
  if (sign === '#' || sign === '%') return readPattern(cursor, from, sign);
  if (sign === ':' && (next === '-' || next === '+' || next === '?')) {
    cursor.take();
    return readOperand(cursor, from, { operator: `:${next}`, reading: PLAIN });
  }
  const modifier = JSON.stringify(sign === ':' ? sign + next : sign).slice(1, -1);
  const message = `unsupported modifier \`${modifier}\` in \`\${…}\``;
  throw createFault(cursor, {
    code: 'bad-substitution',
    message,
    from,
    to: cursor.at,
    hint: 'supported are :- - :+ + :? ? # ## % %% / //',
  });
}

function readOperand(
  cursor: WordCursor,
  from: number,
  { operator, reading }: { readonly operator: ExpansionOperator; readonly reading: EscapeRules },
): Expansion {
  return { operator, operand: readClosedPart(cursor, () => readUntil(cursor, '}', reading), { from }) };
}

function readPattern(cursor: WordCursor, from: number, sign: '#' | '%'): Expansion {
  if (cursor.next !== sign) return readOperand(cursor, from, { operator: sign, reading: PATTERN });
  cursor.take();
  return readOperand(cursor, from, { operator: `${sign}${sign}` as '##' | '%%', reading: PATTERN });
}

function readReplace(cursor: WordCursor, from: number): Expansion {
  const operator = cursor.next === '/' ? '//' : '/';
  if (operator === '//') cursor.take();
  const operand = readClosedPart(cursor, () => readUntil(cursor, '/', PATTERN), { from, stop: '/' });
  const replacement = readClosedPart(cursor, () => readUntil(cursor, '}', REPLACEMENT), { from });
  return { operator, operand, replacement };
}

/** Runs `read`. If the text ends early, reports that the whole substitution is not closed. */
function readClosedPart(
  cursor: WordCursor,
  read: () => WordPart[],
  { from, stop = '}' }: { readonly from: number; readonly stop?: string },
): WordPart[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WordFault) || error.problem.code !== 'unterminated-substitution') throw error;
    throw stop === '}'
      ? createMissingBraceFault(cursor, from)
      : createFault(cursor, { code: error.problem.code, message: error.problem.message, from });
  }
}
