/**
 * One pattern of an ignore file, of `--exclude` or of `--parents`, as in moby/patternmatcher: `**` is any depth, the rest is Go's
 * `filepath.Match`. It is compiled like the regular expression that patternmatcher builds, to keep its special cases: `a/**`
 * does not match `a`, `\d` is a digit, `**x` only sometimes means "ends in x".
 */
import { MkimageError } from '../../errors.ts';
import { createSearch } from './automaton.ts';
import { goMatchOutcome } from './go-pattern.ts';
import { patternProgram } from './pattern-program.ts';

export type PathTest = (path: string) => boolean;

const SIGN = /[*?[\]\\{}^]/;

/** Compiles one cleaned pattern, without `!`. Throws `usage` if the pattern is malformed. */
export function compilePathPattern(pattern: string): PathTest {
  if (goMatchOutcome(pattern, '.') === 'malformed') throw createPatternError(pattern);
  if (isPlain(pattern)) return (path) => path === pattern;
  if (pattern.startsWith('**') && isPlain(pattern.slice(2))) return endsLike(pattern.slice(2));
  if (pattern.endsWith('**') && isPlain(pattern.slice(0, -2))) {
    const head = pattern.slice(0, -2);
    return (path) => path.startsWith(head);
  }
  const search = searchOf(pattern);
  if (pattern.includes('|')) return search;
  const [head, tail] = literalEnds(pattern);
  return (path) => path.startsWith(head) && path.endsWith(tail) && search(path);
}

/** The literal text before the first and after the last special character. It rules out most paths quickly. */
function literalEnds(pattern: string): readonly [head: string, tail: string] {
  const first = pattern.search(SIGN);
  let last = pattern.length;
  while (last > 0 && !SIGN.test(pattern[last - 1]!)) last -= 1;
  // A count applies to the character before it.
  const head = pattern.slice(0, pattern[first] === '{' ? Math.max(0, first - 1) : first);
  // A backslash includes the next character, and two stars the next slash.
  const isTaken = pattern[last - 1] === '\\' || (pattern[last - 1] === '*' && pattern[last] === '/');
  return [head, pattern.slice(isTaken ? last + 1 : last)];
}

function createPatternError(pattern: string, cause?: unknown): MkimageError {
  const shown = pattern.length > 200 ? `${pattern.slice(0, 200)}…` : pattern;
  return new MkimageError('usage', `read pattern \`${shown}\`: it is not well formed`, {
    cause,
    hint: 'close every `[`, end every range, and escape literal characters with `\\`',
  });
}

function searchOf(pattern: string): PathTest {
  try {
    return createSearch(patternProgram(pattern));
  } catch (cause) {
    throw createPatternError(pattern, cause);
  }
}

function isPlain(text: string): boolean {
  return !/[*?[\]\\]/.test(text);
}

/** With a slash after the stars: that name at any depth. Without: any path with that end. */
function endsLike(suffix: string): PathTest {
  if (!suffix.startsWith('/')) return (path) => path.endsWith(suffix);
  const name = suffix.slice(1);
  return (path) => path === name || path.endsWith(suffix);
}
