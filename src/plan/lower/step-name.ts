/** Names of steps for output: the instruction as written, with variables expanded. */
import type { ExpansionOperator, Word } from '../../instructions/index.ts';
import { removeCredentials } from '../../oci/index.ts';
import { evaluateVariable } from '../words/expand.ts';
import { Fault } from '../words/fault.ts';
import type { Scope } from '../words/scope.ts';

/** RUN: keeps quotes, escapes and variables that are not set, because the shell handles them. */
export function formatRunName(source: string, scope: Scope): string {
  return upperCaseKeyword(fillVariables(source, scope));
}

/** COPY, ADD, WORKDIR: replaces the words of the instruction by their values. */
export function formatFileStepName(source: string, words: ReadonlyMap<Word, string>): string {
  const inOrder = [...words].sort(([a], [b]) => a.range.start.offset - b.range.start.offset);
  let result = '';
  let rest = source;
  for (const [{ raw }, value] of inOrder) {
    const at = raw === '' ? -1 : rest.indexOf(raw);
    if (at < 0) continue;
    result += rest.slice(0, at) + removeCredentials(value);
    rest = rest.slice(at + raw.length);
  }
  return upperCaseKeyword(result + rest);
}

/** The first line of a heredoc, for the name of the step. */
export function summarizeHeredoc(content: string): string {
  const [first = '', ...rest] = content.trim().replaceAll('\r\n', '\n').split('\n');
  return rest.length > 0 ? `${first}...` : first;
}

function upperCaseKeyword(text: string): string {
  return text.replace(/^\S+/, (keyword) => keyword.toUpperCase());
}

// A `${…}` with quotes or variables in its operand is not expanded in a name.
const VARIABLE = String.raw`\$\{([\p{L}\p{Nd}_]+)(?:(:?[-+?]|##?|%%?|//?)([^{}$'"\\]*))?\}|\$([\p{L}_][\p{L}\p{Nd}_]*)`;
const PIECE = new RegExp(String.raw`\\[\s\S]?|'[^']*'|"|${VARIABLE}`, 'uy');
const PIECE_IN_QUOTES = new RegExp(String.raw`\\[\s\S]?|"|${VARIABLE}`, 'uy');

/** Longest name after expansion; a longer one is shown without expansion. */
const LONGEST_NAME = 64 * 1024;

/** Returns the text unchanged if it cannot be expanded: a quote is not closed, or a required variable is not set. */
function fillVariables(text: string, scope: Scope): string {
  try {
    return fillPieces(text, scope);
  } catch (error) {
    if (error instanceof Fault) return text;
    throw error;
  }
}

function fillPieces(text: string, scope: Scope): string {
  let result = '';
  let quoted = false;
  for (let at = 0; at < text.length; ) {
    const piece = quoted ? PIECE_IN_QUOTES : PIECE;
    piece.lastIndex = at;
    const match = piece.exec(text);
    const char = text[at]!;
    if (!match && char === "'" && !quoted) return text;
    if (match?.[0] === '"') quoted = !quoted;
    result += match ? formatPiece(match, scope) : char;
    at += match?.[0].length ?? 1;
    if (result.length > LONGEST_NAME) return text;
  }
  return quoted ? text : result;
}

function formatPiece([piece, braced, operator, operand = '', bare]: RegExpExecArray, scope: Scope): string {
  const name = braced ?? bare;
  if (name === undefined || !scope.has(name)) return piece;
  return evaluateVariable({ name, operator: operator as ExpansionOperator | undefined, operand }, scope);
}
