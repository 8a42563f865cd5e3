/** What a step is called: the instruction as it is written, with variables filled in. For people only. */
import type { ExpansionOperator, Word } from '../../instructions/index.ts';
import { withoutCredentials } from '../../oci/index.ts';
import { variableValue } from '../words/expand.ts';
import { Fault } from '../words/fault.ts';
import type { Scope } from '../words/scope.ts';

/** RUN: quotes, escapes and variables that are not set stay as they are, for the shell will see them. */
export function runName(source: string, scope: Scope): string {
  return upperCased(fillIn(source, scope));
}

/** COPY, ADD, WORKDIR: the words of the instruction give way to their values. */
export function fileStepName(source: string, words: ReadonlyMap<Word, string>): string {
  const inOrder = [...words].sort(([a], [b]) => a.range.start.offset - b.range.start.offset);
  let result = '';
  let rest = source;
  for (const [{ raw }, value] of inOrder) {
    const at = raw === '' ? -1 : rest.indexOf(raw);
    if (at < 0) continue;
    result += rest.slice(0, at) + withoutCredentials(value);
    rest = rest.slice(at + raw.length);
  }
  return upperCased(result + rest);
}

/** The first line of a heredoc, for the name of the step that runs it. */
export function heredocSummary(content: string): string {
  const [first = '', ...rest] = content.trim().replaceAll('\r\n', '\n').split('\n');
  return rest.length > 0 ? `${first}...` : first;
}

function upperCased(text: string): string {
  return text.replace(/^\S+/, (keyword) => keyword.toUpperCase());
}

// Operands with quotes or variables in them are too much for a name: such a `${…}` is shown as it stands.
const VARIABLE = String.raw`\$\{([\p{L}\p{Nd}_]+)(?:(:?[-+?]|##?|%%?|//?)([^{}$'"\\]*))?\}|\$([\p{L}_][\p{L}\p{Nd}_]*)`;
const PIECE = new RegExp(String.raw`\\[\s\S]?|'[^']*'|"|${VARIABLE}`, 'uy');
const PIECE_IN_QUOTES = new RegExp(String.raw`\\[\s\S]?|"|${VARIABLE}`, 'uy');

/** A name is for reading. */
const LONGEST_NAME = 64 * 1024;

/** A text that is no word, for want of a closing quote or a variable that must be set, is shown as it stands. */
function fillIn(text: string, scope: Scope): string {
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
    result += match ? shown(match, scope) : char;
    at += match?.[0].length ?? 1;
    if (result.length > LONGEST_NAME) return text;
  }
  return quoted ? text : result;
}

function shown([piece, braced, operator, operand = '', bare]: RegExpExecArray, scope: Scope): string {
  const name = braced ?? bare;
  if (name === undefined || !scope.has(name)) return piece;
  return variableValue({ name, operator: operator as ExpansionOperator | undefined, operand }, scope);
}
