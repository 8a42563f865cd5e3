/** The environment of a process, as pairs `NAME=value`. */

/** What Docker gives to a container whose image says nothing. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What of a container's circumstances is told to its process. */
export interface ContainerNames {
  /** Host name of the container. */
  readonly hostname: string;
  /** Its process has a terminal. */
  readonly tty: boolean;
}

/**
 * Pairs with each name once: a later value takes the place of an earlier one where that one stands, and a name without `=`
 * removes it. Programs disagree on which of two values counts, so none may see two.
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
 * The environment of a container's process, in Docker's order: PATH, HOSTNAME and TERM, then what was asked for, then what the
 * image says and was not asked for otherwise.
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

/** True if a variable has a value, be it an empty one. */
export function hasVariable(env: readonly string[], name: string): boolean {
  return env.some((pair) => pair.startsWith(`${name}=`));
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=');
  return equals < 0 ? pair : pair.slice(0, equals);
}
