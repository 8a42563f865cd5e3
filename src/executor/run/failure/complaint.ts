/** The messages of shells and loaders when a program could not be started. */

const ENDS =
  '(?:(?:command )?not found|no such file or directory|cannot execute.*|can.t execute.*|permission denied|exec format error|bad interpreter.*)';

/** `sh: 1: NAME: not found`, `bash: line 1: NAME: command not found`, `bash: NAME: INTERPRETER: bad interpreter: …`. */
const SHELL = new RegExp(
  String.raw`^(?:\S*sh|/dev/pipes/\S+)(?:\[\d+\])?: (?:line )?(?:\d+: )?([^:]+)(?:: [^:]+)?: ${ENDS}$`,
  'i',
);
/** `env: 'python3\r': No such file …`, in the C locale `env: 'python3'$'\r': …`; busybox: `env: can't execute 'python3': …`. */
const ENV =
  /^(?:\S*\/)?env: (?:can't execute )?[‘'`"]?([^’'"]+?)[’'"]?(\$'\\r')?: (?:No such file or directory|not found)$/;
const LIBRARY = [
  /error while loading shared libraries: (\S+): cannot open shared object file/,
  /Error loading shared library (\S+): No such file/,
];

/**
 * Returns the programs named in the last lines, latest first, then the step's own program: that one could not be
 * started if no line names another.
 */
export function missingPrograms(tail: readonly string[], own: string): readonly string[] {
  const named = tail.flatMap((line) => namedIn(line) ?? []).reverse();
  // The output of the step's own program begins with its name. If the program was never started, a line comes from
  // another program.
  const isOwnMissing = tail.length <= 1 && !(tail[0] ?? '').startsWith(`${own}:`);
  return [...named, ...(isOwnMissing ? [own] : [])];
}

/** A carriage return that is part of the name is kept at its end. */
function namedIn(line: string): string | undefined {
  const env = ENV.exec(line);
  if (env !== null) return env[2] === undefined ? env[1]!.replace(/\\r$/, '\r') : `${env[1]}\r`;
  return SHELL.exec(line)?.[1];
}

/** Returns the name of the missing library, if the last lines name one. */
export function missingLibrary(tail: readonly string[]): string | undefined {
  for (const line of tail) {
    for (const pattern of LIBRARY) {
      const name = pattern.exec(line)?.[1];
      if (name !== undefined) return name;
    }
  }
  return undefined;
}
