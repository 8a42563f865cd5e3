import { bindForeign, createSystemError } from './bind-foreign.ts';

const execve = bindForeign('int execve(const char *path, const char **args, const char **env)');
const dup2 = bindForeign('int dup2(int from, int to)');
const fcntl = bindForeign('int fcntl(int file, int command, int argument)');

const F_SETFD = 2;

export interface ReplacedBy {
  readonly path: string;
  /** Starts with the name of the program. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Descriptors that the program inherits in addition to 0, 1 and 2, by their new numbers. */
  readonly files: Readonly<Record<number, number>>;
}

/** Replaces this process by another program (execve(2)). Returns only by an error, as `node:fs` throws it. */
export function replaceProcess({ path, args, env, files }: ReplacedBy): never {
  const assignments = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  for (const file of [0, 1, 2]) fcntl(file, F_SETFD, 0);
  for (const [number, file] of Object.entries(files)) dup2(file, Number(number));
  execve(path, [...args, null], [...assignments, null]);
  throw createSystemError('execve', path);
}
