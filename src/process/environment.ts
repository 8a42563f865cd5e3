/** The environment of a process, as pairs `NAME=value`. */

/** Docker's PATH for a container whose image sets none. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Properties of a container that its process gets as variables. */
export interface ContainerNames {
  /** Host name of the container. */
  readonly hostname: string;
  /** True if the process has a terminal. */
  readonly tty: boolean;
}

/**
 * Merges lists of pairs so that each name appears once: a later value replaces an earlier one at its position, and a
 * name without `=` removes it. Programs disagree on which of two values counts, so no process may get two.
 */
export function mergeEnvironment(...lists: readonly (readonly string[])[]): readonly string[] {
  const merged = new Map<string, string>();
  for (const pair of lists.flat()) {
    const name = nameOf(pair);
    if (pair.includes('=')) merged.set(name, pair);
    else merged.delete(name);
  }
  return [...merged.values()];
}

/**
 * The environment of a container's process, in Docker's order: PATH, HOSTNAME and TERM, then the requested variables,
 * then those of the image that the request does not replace.
 */
export function containerEnvironment(
  image: readonly string[],
  asked: readonly string[],
  { hostname, tty }: ContainerNames,
): readonly string[] {
  const given = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${hostname}`, ...(tty ? ['TERM=xterm'] : [])];
  const named = new Set(asked.map(nameOf));
  const rest = image.filter((pair) => !named.has(nameOf(pair)));
  return mergeEnvironment(given, asked, rest);
}

/** Returns true if a variable is set, even to an empty value. */
export function hasVariable(env: readonly string[], name: string): boolean {
  return env.some((pair) => pair.startsWith(`${name}=`));
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  return equals < 0 ? pair : pair.slice(0, equals);
}
