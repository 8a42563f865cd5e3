/** Patterns of `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?` and `\` before one of `*?\}/`. Neither wildcard takes a line feed. */
import { Fault } from './fault.ts';

type Token = { readonly kind: 'star' | 'any' } | { readonly kind: 'char'; readonly char: string };

/** The value without the shortest (or longest) prefix that matches. */
export function trimPrefix(value: string, pattern: string, longest: boolean): string {
  const characters = Array.from(value);
  const end = matchEnd(tokensOf(pattern), characters, 0, longest);
  return end === undefined ? value : characters.slice(end).join('');
}

/** The value without the shortest (or longest) suffix that matches. */
export function trimSuffix(value: string, pattern: string, longest: boolean): string {
  const reversed = Array.from(value).reverse();
  const end = matchEnd(tokensOf(pattern).reverse(), reversed, 0, longest);
  return end === undefined ? value : reversed.slice(end).reverse().join('');
}

/** The value with the first (or every) longest match replaced, left to right. */
export function replacePattern(value: string, pattern: string, replacement: string, all: boolean): string {
  const characters = Array.from(value);
  const tokens = tokensOf(pattern);
  let result = '';
  let done = false;
  for (let at = 0; at <= characters.length; ) {
    const end = done ? undefined : matchEnd(tokens, characters, at, true);
    if (end !== undefined) {
      result += replacement;
      done = !all;
    }
    const next = Math.max(end ?? at, at + 1);
    result += characters.slice(end ?? at, next).join('');
    at = next;
  }
  return result;
}

function tokensOf(pattern: string): Token[] {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const char = characters[at]!;
    if (char === '*') tokens.push({ kind: 'star' });
    else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\') tokens.push({ kind: 'char', char: escaped(pattern, characters[++at]) });
    else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

function escaped(pattern: string, char: string | undefined): string {
  if (char !== undefined && '*?\\}/'.includes(char)) return char;
  throw new Fault('bad-pattern', `read pattern \`${pattern}\`: invalid escape \`\\${char ?? ''}\``);
}

/** Where a match that begins at `start` ends; all states are followed at once, so time is length times tokens. */
function matchEnd(
  tokens: readonly Token[],
  text: readonly string[],
  start: number,
  longest: boolean,
): number | undefined {
  let states = closure(tokens, new Set([0]));
  let end: number | undefined;
  for (let at = start; ; at++) {
    if (states.has(tokens.length)) {
      end = at;
      if (!longest) return end;
    }
    if (at >= text.length || states.size === 0) return end;
    states = closure(tokens, step(tokens, states, text[at]!));
  }
}

/** Adds the states that are reached by letting a star take nothing. */
function closure(tokens: readonly Token[], states: Set<number>): Set<number> {
  for (const state of states) if (tokens[state]?.kind === 'star') states.add(state + 1);
  return states;
}

function step(tokens: readonly Token[], states: ReadonlySet<number>, char: string): Set<number> {
  const next = new Set<number>();
  for (const state of states) {
    const token = tokens[state];
    if (token?.kind === 'star' && char !== '\n') next.add(state);
    if (token?.kind === 'any' && char !== '\n') next.add(state + 1);
    if (token?.kind === 'char' && token.char === char) next.add(state + 1);
  }
  return next;
}
