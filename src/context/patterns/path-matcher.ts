/**
 * A list of patterns with exceptions (`!`). The last match wins, and a pattern that matches a directory also covers all below it.
 * The result of a directory is passed to its entries, so that each path is tested once. Results equal those of moby/patternmatcher
 * for a walk.
 */
import { posix } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { compilePathPattern, type PathTest } from './path-pattern.ts';

/** The result for one directory, to be passed to its entries. */
export interface MatchState {
  /** Index of the pattern that covers the path, in the compiled list; -1 if none or an exception does. */
  readonly decidedBy: number;
  readonly perRule: Uint8Array;
}

export interface PathMatcher {
  /** The state of the root, which no pattern matches. */
  readonly start: MatchState;
  /** The index of the pattern that covers a path, or -1. `parent` is the state of its directory. */
  decide(path: string, parent: MatchState): number;
  /** The same for a directory; returns its state. */
  enter(path: string, parent: MatchState): MatchState;
  /** The same for any path, from the root down. */
  find(path: string): MatchState;
  /** False if no exception can match below a directory. Then a covered directory is covered completely. */
  canExceptBelow(directory: string): boolean;
}

interface Rule {
  readonly index: number;
  readonly exception: boolean;
  readonly components: readonly string[];
  readonly test: PathTest;
}

/** Compiles patterns in order. Empty ones are skipped. Throws `usage` for a malformed pattern and for `!` alone. */
export function compilePatterns(patterns: readonly string[]): PathMatcher {
  const rules = patterns.flatMap((pattern, index) => ruleOf(pattern, index) ?? []);
  const exceptions = rules.filter((rule) => rule.exception);
  const start: MatchState = { decidedBy: -1, perRule: new Uint8Array(rules.length) };
  const matcher: PathMatcher = {
    start,
    decide: (path, parent) => decide(rules, path, { parent: parent.perRule }),
    enter: (path, parent) => {
      const perRule = new Uint8Array(rules.length);
      return { decidedBy: decide(rules, path, { parent: parent.perRule, results: perRule }), perRule };
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

interface RuleResults {
  readonly parent: Uint8Array;
  readonly results?: Uint8Array | undefined;
}

/**
 * A rule that cannot change the result is not tested, and counts as not matching for the entries below too. BuildKit's walk does
 * the same, and the effect of the order of patterns and exceptions depends on it.
 */
function decide(rules: readonly Rule[], path: string, { parent, results }: RuleResults): number {
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

/** May return true without a match: wildcards are not evaluated. */
function canMatchBelow(pattern: readonly string[], directory: readonly string[]): boolean {
  for (const [index, name] of directory.entries()) {
    const component = pattern[index];
    if (component === undefined) return false;
    if (component.includes('**') || component.includes('[')) return true;
    if (component !== name && !/[*?\\]/.test(component)) return false;
  }
  return pattern.length > directory.length;
}
