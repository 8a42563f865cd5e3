/** Patterns of `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?` and `\` before one of `*?\}/`. Wildcards do not match a line feed. */
import { Fault } from './fault.ts';
import { checkLength } from './meter.ts';

type Token = { readonly kind: 'star' | 'any' } | { readonly kind: 'char'; readonly char: string };

/** Characters of the value times characters of the pattern. The limit takes about one second. */
const MOST_COMPARISONS = 2 ** 25;
const NEVER = 2 ** 31 - 1;

/** The value without the shortest (or longest) prefix that matches. */
export function trimPrefix(value: string, pattern: string, longest: boolean): string {
  const characters = Array.from(value);
  const match = findMatch(tokenizePattern(pattern), characters, { from: 0, longest, anchored: true });
  return match === undefined ? value : characters.slice(match.end).join('');
}

/** The value without the shortest (or longest) suffix that matches. */
export function trimSuffix(value: string, pattern: string, longest: boolean): string {
  const reversed = Array.from(value).reverse();
  const match = findMatch(tokenizePattern(pattern).reverse(), reversed, { from: 0, longest, anchored: true });
  return match === undefined ? value : reversed.slice(match.end).reverse().join('');
}

interface PatternReplacement {
  readonly pattern: string;
  readonly replacement: string;
  readonly all: boolean;
}

/** Replaces the first (or every) longest match, left to right. As in Go, an empty match directly after a match is ignored. */
export function replacePattern(value: string, { pattern, replacement, all }: PatternReplacement): string {
  const characters = Array.from(value);
  const tokens = tokenizePattern(pattern);
  let result = '';
  let at = 0;
  for (let last = -1; at <= characters.length; ) {
    const match = findMatch(tokens, characters, { from: at, longest: true, anchored: false });
    if (match === undefined) break;
    const isCounted = match.end > match.start || match.start !== last;
    // After an empty match, the next character is copied, so that the search makes progress.
    const next = Math.max(match.end, match.start + 1);
    const before = characters.slice(at, match.start).join('');
    const after = characters.slice(match.end, next).join('');
    result += before + (isCounted ? replacement : '') + after;
    checkLength(result.length);
    at = next;
    last = match.end;
    if (!all) break;
  }
  return result + characters.slice(at).join('');
}

function tokenizePattern(pattern: string): Token[] {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const char = characters[at]!;
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\') tokens.push({ kind: 'char', char: readEscape(pattern, characters[++at]) });
    else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

function readEscape(pattern: string, char: string | undefined): string {
  if (char !== undefined && '*?\\}/'.includes(char)) return char;
  throw new Fault('bad-pattern', `read pattern \`${pattern}\`: invalid escape \`\\${char ?? ''}\``);
}

interface Search {
  readonly from: number;
  readonly longest: boolean;
  /** The match must begin at `from`. */
  readonly anchored: boolean;
}

interface Match {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the leftmost match. Follows all possible matches at once, and for each token only the one that started first. So the
 * time is proportional to length times tokens.
 */
function findMatch(tokens: readonly Token[], text: readonly string[], search: Search): Match | undefined {
  if (tokens.length * (text.length - search.from) > MOST_COMPARISONS)
    throw createTooLongFault(tokens.length, text.length);
  let starts = advanceMatches(tokens, undefined, { char: '', begins: search.from });
  let best: Match | undefined;
  for (let at = search.from; ; at++) {
    const start = starts[tokens.length]!;
    if (start <= (best?.start ?? NEVER - 1)) {
      best = { start, end: at };
      if (!search.longest) return best;
    }
    const limit = best?.start ?? NEVER - 1;
    if (at >= text.length || !starts.some((begun) => begun <= limit)) return best;
    const begins = search.anchored || best !== undefined ? NEVER : at + 1;
    starts = advanceMatches(tokens, starts, { char: text[at]!, begins });
  }
}

/** For each token, the start of the first match that reaches it. `begins` is the start of a new match. */
function advanceMatches(
  tokens: readonly Token[],
  before: Int32Array | undefined,
  { char, begins }: { readonly char: string; readonly begins: number },
): Int32Array {
  const starts = new Int32Array(tokens.length + 1).fill(NEVER);
  starts[0] = begins;
  for (let state = 0; state <= tokens.length; state++) {
    const token = tokens[state];
    if (before !== undefined && token?.kind === 'star' && char !== '\n') {
      starts[state] = Math.min(starts[state]!, before[state]!);
    }
    if (token === undefined) break;
    if (token.kind === 'star') starts[state + 1] = starts[state]!;
    const passes = token.kind === 'char' ? token.char === char : token.kind === 'any' && char !== '\n';
    if (before !== undefined && passes) starts[state + 1] = before[state]!;
  }
  return starts;
}

function createTooLongFault(tokens: number, characters: number): Fault {
  return new Fault('bad-pattern', `a pattern of ${tokens} characters is too long for a value of ${characters}`, {
    hint: 'shorten the pattern or the value',
  });
}
