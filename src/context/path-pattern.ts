/**
 * One pattern of an ignore file, of `--exclude` or of `--parents`, as moby/patternmatcher reads it: `**` is any depth, the rest is
 * Go's `filepath.Match`. It is translated by way of the regular expression that patternmatcher builds, so that its oddities
 * (`a/**` does not match `a`, `\d` is a digit, `**x` only sometimes means "ends in x") are kept.
 */
import { MkimageError } from '../errors.ts';
import { goMatchOutcome } from './go-pattern.ts';
import { fromGoSyntax } from './go-regexp.ts';

export type PathTest = (path: string) => boolean;

/** The test for one cleaned pattern, without `!`. Throws `usage` if the pattern is malformed. */
export function compilePathPattern(pattern: string): PathTest {
  if (goMatchOutcome(pattern, '.') === 'malformed') throw malformed(pattern);
  if (isPlain(pattern)) return (path) => path === pattern;
  if (pattern.startsWith('**') && isPlain(pattern.slice(2))) return endsLike(pattern.slice(2));
  if (pattern.endsWith('**') && isPlain(pattern.slice(0, -2))) {
    const head = pattern.slice(0, -2);
    return (path) => path.startsWith(head);
  }
  const expression = regExpOf(pattern);
  return (path) => expression.test(path);
}

function malformed(pattern: string, cause?: unknown): MkimageError {
  return new MkimageError('usage', `read pattern \`${pattern}\`: it is not well formed`, {
    cause,
    hint: 'close every `[`, end every range, and escape with `\\` what should stand for itself',
  });
}

function regExpOf(pattern: string): RegExp {
  try {
    return fromGoSyntax(expressionOf(pattern));
  } catch (cause) {
    throw malformed(pattern, cause);
  }
}

function isPlain(text: string): boolean {
  return !/[*?[\]\\]/.test(text);
}

/** With a slash after the stars: that name at any depth. Without: whatever ends so. */
function endsLike(suffix: string): PathTest {
  if (!suffix.startsWith('/')) return (path) => path.endsWith(suffix);
  const name = suffix.slice(1);
  return (path) => path === name || path.endsWith(suffix);
}

/** The regular expression in Go's syntax that patternmatcher makes of a pattern. It leaves `|` and braces unescaped, so they count. */
function expressionOf(pattern: string): string {
  const body = pattern.replace(/\*\*\/?|[*?.+()$]|\\./gsu, (token, at: number) => {
    if (token.startsWith('**')) return at + token.length === pattern.length ? '.*' : '(.*/)?';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return token.startsWith('\\') ? token : `\\${token}`;
  });
  return `^${body}$`;
}
