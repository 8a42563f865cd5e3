/** The variables that are visible to a word, in the order of the environment of a process. Immutable. */
import { createGrowingMap, type GrowingMap } from './growing-collections.ts';

export type Scope = GrowingMap<string>;

/** Cached `NAME=value` lines by scope. */
const environments = new WeakMap<Scope, readonly string[]>();

export const EMPTY_SCOPE: Scope = createGrowingMap();

/** The scope with a variable set. As in BuildKit, a variable that was set before moves to the end. */
export function withVariable(scope: Scope, name: string, value: string): Scope {
  const next = scope.with(name, value);
  const lines = environments.get(scope);
  // Copying the cached list is faster than formatting all lines again.
  if (lines !== undefined && !scope.has(name)) environments.set(next, [...lines, `${name}=${value}`]);
  return next;
}

/** The scope with `NAME=value` lines set in order. */
export function withEnvironment(scope: Scope, env: readonly string[]): Scope {
  return env.map(splitVariable).reduce((next, [name, value]) => withVariable(next, name, value), scope);
}

/** `NAME=value` lines in order. Returns the same list for the same scope. */
export function listEnvironment(scope: Scope): readonly string[] {
  const known = environments.get(scope);
  if (known !== undefined) return known;
  const lines = Array.from(scope, ([name, value]) => `${name}=${value}`);
  environments.set(scope, lines);
  return lines;
}

/** Splits `NAME=value`. Without an equals sign the value is empty. */
export function splitVariable(line: string): readonly [name: string, value: string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
