import { type Finding, MkimageError } from '../../errors.ts';
import { cleanPath, compilePatterns, type PathMatcher } from './path-matcher.ts';

/** An ignore file, compiled. `lines` gives the line number (from 1) and the text of each pattern by its index. */
export interface IgnoreRules {
  readonly file: string;
  readonly matcher: PathMatcher;
  readonly lines: readonly { readonly line: number; readonly pattern: string }[];
}

/** The ignore line that hides a path, for messages: `.dockerignore:3` `*.jar`. */
export interface IgnoreMatch {
  readonly file: string;
  readonly line: number;
  readonly pattern: string;
}

/**
 * Parses `.dockerignore` syntax. A byte order mark, blanks around a pattern and a leading slash are ignored. `#` starts a comment
 * in the first column only. Throws `build-file` with the position of the first malformed pattern.
 */
export function parseIgnoreFile(text: string, file: string): IgnoreRules {
  const lines = text
    .replace(/^\u{feff}/u, '')
    .split('\n')
    .flatMap((raw, index) =>
      raw.startsWith('#') || raw.trim() === '' ? [] : [{ line: index + 1, pattern: raw.trim() }],
    );
  checkText(text, file);
  for (const { line, pattern } of lines) checkPattern(pattern, { line, file, text });
  return { file, lines, matcher: compilePatterns(lines.map(({ pattern }) => rootedPattern(pattern))) };
}

/** Refuses NUL bytes. They mean UTF-16, whose patterns would not match any path. */
function checkText(text: string, file: string): void {
  const at = text.indexOf('\0');
  if (at < 0) return;
  const line = text.slice(0, at).split('\n').length;
  throw new MkimageError('build-file', `${file}:${line}: line has a NUL byte`, {
    hint: 'save the file as UTF-8; it looks like UTF-16',
  });
}

/** The line that hides a path or one of its parents; undefined if none does. */
export function ignoreMatch(rules: IgnoreRules, path: string): IgnoreMatch | undefined {
  return matchOfRule(rules, rules.matcher.find(path).decidedBy);
}

/** The line of a pattern index from the matcher. */
export function matchOfRule(rules: IgnoreRules, index: number): IgnoreMatch | undefined {
  const found = rules.lines[index];
  return found === undefined ? undefined : { file: rules.file, ...found };
}

/** The pattern relative to the context: `/a/./b/` is `a/b`, `! /a` is `!a`. */
function rootedPattern(pattern: string): string {
  const exception = pattern.startsWith('!');
  const path = exception ? pattern.slice(1).trim() : pattern;
  const cleaned = path === '' ? '' : cleanPath(path).replace(/^\/(?=.)/, '');
  return exception ? `!${cleaned}` : cleaned;
}

function checkPattern(pattern: string, at: { line: number; file: string; text: string }): void {
  try {
    compilePatterns([rootedPattern(pattern)]);
  } catch (cause) {
    throw atLine(cause, pattern, at);
  }
}

/** Converts the fault into a diagnostic with its position, as for build files. */
function atLine(cause: unknown, pattern: string, at: { line: number; file: string; text: string }): unknown {
  if (!(cause instanceof MkimageError)) return cause;
  const lines = at.text.split('\n');
  const column = lines[at.line - 1]!.indexOf(pattern);
  const offset = lines.slice(0, at.line - 1).reduce((sum, line) => sum + line.length + 1, column);
  const range = {
    start: { line: at.line, column: column + 1, offset },
    end: { line: at.line, column: column + 1 + pattern.length, offset: offset + pattern.length },
  };
  const hint = cause.hint === undefined ? {} : { hint: cause.hint };
  const diagnostic: Finding = { severity: 'error', code: 'ignore-pattern', message: cause.message, ...hint, range };
  return new MkimageError('build-file', `${at.file}:${at.line}: ${cause.message}`, {
    cause,
    ...hint,
    evidence: { file: { name: at.file, text: at.text }, diagnostics: [diagnostic] },
  });
}
