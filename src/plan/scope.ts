/** The variables that a word can see, in the order in which a process would get them. Never changed in place. */
export type Scope = ReadonlyMap<string, string>;

export const EMPTY_SCOPE: Scope = new Map();

/** The scope with a variable set; one that was set before moves to the end, as in BuildKit. */
export function withVariable(scope: Scope, name: string, value: string): Scope {
  const next = new Map(scope);
  next.delete(name);
  return next.set(name, value);
}

/** The scope with `NAME=value` lines set one after the other. */
export function withEnvironment(scope: Scope, env: readonly string[]): Scope {
  return env.map(splitVariable).reduce((next, [name, value]) => withVariable(next, name, value), scope);
}

/** `NAME=value` lines in order. */
export function environmentOf(scope: Scope): readonly string[] {
  return [...scope].map(([name, value]) => `${name}=${value}`);
}

/** `NAME=value` in two; without an equals sign the value is empty. */
export function splitVariable(line: string): readonly [name: string, value: string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
