/**
 * A list of patterns with exceptions (`!`), the last match winning, where a pattern that matches a directory also covers what is
 * below it. What a directory matched is carried down, so that each path is tested once (moby/patternmatcher's results for a walk).
 */
import { posix } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { compilePathPattern, type PathTest } from './path-pattern.ts';

/** What the patterns said about one directory, to be handed to what is in it. */
export interface MatchState {
  /** Index of the pattern that covers the path, in the list that was compiled; -1 if none does, or an exception does. */
  readonly decidedBy: number;
  readonly perRule: Uint8Array;
}

export interface PathMatcher {
  /** What is known at the root, of which no pattern speaks. */
  readonly start: MatchState;
  /** The index of the pattern that covers a path, or -1. `parent` is the state of its directory. */
  decide(path: string, parent: MatchState): number;
  /** The same for a directory, with what is to be carried down. */
  enter(path: string, parent: MatchState): MatchState;
  /** The same for any path, from the root down. */
  find(path: string): MatchState;
  /** False if no exception can match below a directory: if the directory is covered, all that is in it is too. */
  canExceptBelow(directory: string): boolean;
}

interface Rule {
  readonly index: number;
  readonly exception: boolean;
  readonly components: readonly string[];
  readonly test: PathTest;
}

/** Compiles patterns in order. Empty ones are skipped. Throws `usage` at a malformed one and at a lone `!`. */
export function compilePatterns(patterns: readonly string[]): PathMatcher {
  const rules = patterns.flatMap((pattern, index) => ruleOf(pattern, index) ?? []);
  const exceptions = rules.filter((rule) => rule.exception);
  const start: MatchState = { decidedBy: -1, perRule: new Uint8Array(rules.length) };
  const matcher: PathMatcher = {
    start,
    decide: (path, parent) => decide(rules, path, parent.perRule, undefined),
    enter: (path, parent) => {
      const perRule = new Uint8Array(rules.length);
      return { decidedBy: decide(rules, path, parent.perRule, perRule), perRule };
    },
    find: (path) => prefixesOf(path).reduce((state, prefix) => matcher.enter(prefix, state), start),
    canExceptBelow: (directory) => {
      const components = directory.split('/');
      return exceptions.some((rule) => canMatchBelow(rule.components, components));
    },
  };
  return matcher;
}

function ruleOf(text: string, index: number): Rule | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const cleaned = cleanPath(trimmed);
  const exception = cleaned.startsWith('!');
  const pattern = exception ? cleaned.slice(1) : cleaned;
  if (pattern === '') {
    throw new MkimageError('usage', 'read pattern `!`: an exception needs a pattern', { hint: 'write `!` and a path' });
  }
  return { index, exception, components: pattern.split('/'), test: compilePathPattern(pattern) };
}

/** Go's `filepath.Clean`. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/**
 * A rule that could not change the outcome is not tested, and then counts as not matching for what is below either: that is how
 * BuildKit's walk behaves, and what order between a pattern and an exception means depends on it.
 */
function decide(rules: readonly Rule[], path: string, parent: Uint8Array, results: Uint8Array | undefined): number {
  let decidedBy = -1;
  for (let at = 0; at < rules.length; at++) {
    const rule = rules[at]!;
    const covered = decidedBy >= 0;
    if (parent[at] === 0 && (rule.exception !== covered || !rule.test(path))) continue;
    if (results !== undefined) results[at] = 1;
    decidedBy = rule.exception ? -1 : rule.index;
  }
  return decidedBy;
}

/** `a/b/c` as `a`, `a/b`, `a/b/c`. */
function prefixesOf(path: string): readonly string[] {
  const components = path.split('/');
  return components.map((_, index) => components.slice(0, index + 1).join('/'));
}

/** Errs towards true: what a wildcard would match is not looked at. */
function canMatchBelow(pattern: readonly string[], directory: readonly string[]): boolean {
  for (const [index, name] of directory.entries()) {
    const component = pattern[index];
    if (component === undefined) return false;
    if (component.includes('**') || component.includes('[')) return true;
    if (component !== name && !/[*?\\]/.test(component)) return false;
  }
  return pattern.length > directory.length;
}
