/** The variables that a word can see, in the order in which a process would get them. Never changed in place. */
import { type GrowingMap, growingMap } from './growing.ts';

export type Scope = GrowingMap<string>;

/** The lines of scopes for which somebody asked. */
const environments = new WeakMap<Scope, readonly string[]>();

export const EMPTY_SCOPE: Scope = growingMap();

/** The scope with a variable set; one that was set before moves to the end, as in BuildKit. */
export function withVariable(scope: Scope, name: string, value: string): Scope {
  const next = scope.with(name, value);
  const lines = environments.get(scope);
  // Between two steps little is set: the list is copied then, not written again.
  if (lines !== undefined && !scope.has(name)) environments.set(next, [...lines, `${name}=${value}`]);
  return next;
}

/** The scope with `NAME=value` lines set one after the other. */
export function withEnvironment(scope: Scope, env: readonly string[]): Scope {
  return env.map(splitVariable).reduce((next, [name, value]) => withVariable(next, name, value), scope);
}

/** `NAME=value` lines in order; the same list for the same scope. */
export function environmentOf(scope: Scope): readonly string[] {
  const known = environments.get(scope);
  if (known !== undefined) return known;
  const lines = Array.from(scope, ([name, value]) => `${name}=${value}`);
  environments.set(scope, lines);
  return lines;
}

/** `NAME=value` in two; without an equals sign the value is empty. */
export function splitVariable(line: string): readonly [name: string, value: string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
