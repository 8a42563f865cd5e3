/**
 * Splits a shell script into words and operators, as a POSIX shell does. It only supports what checks need: where commands
 * start and end, and their words. The content of `$(…)` or backticks is not parsed; it stays part of one word.
 */

/** A word of the script. `start` and `end` are half-open offsets into the script. */
export interface ShellWord {
  readonly raw: string;
  /** The word without quotes and backslashes. Variables are not expanded. */
  readonly text: string;
  /** True if the shell replaces nothing in the word: it has no variable, substitution or pattern. */
  readonly isPlain: boolean;
  readonly start: number;
  readonly end: number;
}

export type ShellToken =
  | { readonly kind: 'word'; readonly word: ShellWord }
  /** Ends a command: `&&`, `||`, `|`, `;`, `&`, a line feed, a parenthesis. */
  | { readonly kind: 'operator'; readonly text: string; readonly start: number }
  /** `>`, `2>>`, `<<EOF`. `text` includes the target word. */
  | { readonly kind: 'redirection'; readonly text: string; readonly start: number };

const OPERATOR = /\|\||&&|\|&|;;&?|;&|[|;&()\n]/y;
const REDIRECTION = /(?:\d*|&)(?:<<<|<<-?|>>|<>|>\||[<>]&?)/y;
const BLANK = /(?:[ \t\r]|\\\r?\n)+/y;
const COMMENT = /#[^\n]*/y;

export function scanShell(script: string): readonly ShellToken[] {
  const tokens: ShellToken[] = [];
  for (let at = skip(script, 0); at < script.length; at = skip(script, at)) {
    const redirection = matchAt(REDIRECTION, script, at);
    if (redirection !== undefined && !isSubstitution(script, at, redirection)) {
      at = readRedirection(script, tokens, { start: at, text: redirection });
      continue;
    }
    const operator = matchAt(OPERATOR, script, at);
    if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator, start: at });
      at += operator.length;
      continue;
    }
    const word = readWord(script, at);
    tokens.push({ kind: 'word', word });
    at = word.end;
  }
  return tokens;
}

function skip(script: string, from: number): number {
  const at = from + (matchAt(BLANK, script, from)?.length ?? 0);
  return at + (matchAt(COMMENT, script, at)?.length ?? 0);
}

function matchAt(pattern: RegExp, script: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(script)?.[0];
}

/** Process substitution, `<(…)` and `>(…)`, is a word and not a redirection. */
function isSubstitution(script: string, at: number, redirection: string): boolean {
  return /^[<>]$/.test(redirection) && script[at + 1] === '(';
}

function readRedirection(
  script: string,
  tokens: ShellToken[],
  { start, text }: { readonly start: number; readonly text: string },
): number {
  const from = start + text.length + (matchAt(BLANK, script, start + text.length)?.length ?? 0);
  const target = /[\n;|&()<>]/.test(script[from] ?? '\n') ? undefined : readWord(script, from);
  tokens.push({ kind: 'redirection', text: `${text}${target?.text ?? ''}`, start });
  return target?.end ?? from;
}

/** A part of a word: the text that it adds, and the offset after it. */
interface Piece {
  readonly text: string;
  readonly isPlain: boolean;
  readonly end: number;
}

function readWord(script: string, start: number): ShellWord {
  let text = '';
  let isPlain = true;
  let at = start;
  while (at < script.length && !endsWord(script, at, start)) {
    const piece = readPiece(script, at);
    text += piece.text;
    isPlain &&= piece.isPlain;
    at = piece.end;
  }
  return { raw: script.slice(start, at), text, isPlain, start, end: at };
}

function endsWord(script: string, at: number, start: number): boolean {
  const next = script[at]!;
  if ((next === '<' || next === '>') && script[at + 1] === '(' && at === start) return false;
  if (/[ \t\r\n;|&()<>]/.test(next)) return true;
  return next === '\\' && /^\\\r?\n/.test(script.slice(at, at + 3));
}

function readPiece(script: string, at: number): Piece {
  switch (script[at]) {
    case "'": {
      const end = findClosingQuote(script, "'", at + 1);
      return { text: script.slice(at + 1, end), isPlain: true, end: end + 1 };
    }
    case '"':
      return readDoubleQuoted(script, at);
    case '\\':
      return { text: script[at + 1] ?? '', isPlain: true, end: at + 2 };
    case '$':
    case '`':
    case '<':
    case '>':
      return createOpaquePiece(script, at, findExpansionEnd(script, at));
    default:
      return { text: script[at]!, isPlain: !/[*?[{~]/.test(script[at]!), end: at + 1 };
  }
}

function readDoubleQuoted(script: string, start: number): Piece {
  let text = '';
  let isPlain = true;
  let at = start + 1;
  while (at < script.length && script[at] !== '"') {
    if (script[at] === '\\') {
      const next = script[at + 1] ?? '';
      text += next === '\n' ? '' : /["\\$`]/.test(next) ? next : `\\${next}`;
      at += 2;
    } else if (script[at] === '$' || script[at] === '`') {
      const end = findExpansionEnd(script, at);
      text += script.slice(at, end);
      isPlain &&= end === at + 1;
      at = end;
    } else {
      text += script[at]!;
      at += 1;
    }
  }
  return { text, isPlain, end: Math.min(at + 1, script.length) };
}

function createOpaquePiece(script: string, start: number, end: number): Piece {
  return { text: script.slice(start, end), isPlain: script[start] === '$' && end === start + 1, end };
}

/** End offset of the variable or substitution that starts at `at`. A `$` alone is a plain character. */
function findExpansionEnd(script: string, at: number): number {
  if (script[at] === '`') return findClosingQuote(script, '`', at + 1) + 1;
  const next = script[at + 1] ?? '';
  if (next === '(') return findBalancedEnd(script, at + 1, { open: '(', close: ')' });
  if (next === '{') return findBalancedEnd(script, at + 1, { open: '{', close: '}' });
  if (/[A-Za-z_]/.test(next)) return at + 1 + /^\w+/.exec(script.slice(at + 1, at + 200))![0].length;
  return /[0-9@*#?$!'"-]/.test(next) && !/['"]/.test(next) ? at + 2 : at + 1;
}

/** Offset after the bracket that closes the one at `at`. Quoted and escaped brackets are ignored. */
function findBalancedEnd(
  script: string,
  at: number,
  { open, close }: { readonly open: string; readonly close: string },
): number {
  let depth = 0;
  for (let index = at; index < script.length; index += 1) {
    const letter = script[index]!;
    if (letter === '\\') index += 1;
    else if (letter === "'" || letter === '"') index = findClosingQuote(script, letter, index + 1);
    else if (letter === open) depth += 1;
    else if (letter === close && --depth === 0) return index + 1;
  }
  return script.length;
}

/** Offset of the closing quote, or the end of the script. In single quotes, a backslash does not escape. */
function findClosingQuote(script: string, quote: string, from: number): number {
  for (let at = from; at < script.length; at += 1) {
    if (script[at] === quote) return at;
    if (script[at] === '\\' && quote !== "'") at += 1;
  }
  return script.length;
}
