/** The argv of a process: the words of a command, combined as Docker does. */
import { MkimageError } from '../errors.ts';
import type { ContainerConfig } from '../oci/index.ts';

const DEFAULT_SHELL = ['/bin/sh', '-c'];

/** The command of `docker run`; undefined: use the command of the image. */
export interface AskedCommand {
  /** Replaces the image's ENTRYPOINT and drops its CMD. `['']` (`--entrypoint ""`) means no entrypoint. */
  readonly entrypoint: readonly string[] | undefined;
  /** Replaces the image's CMD; empty: use the image's. */
  readonly command: readonly string[];
}

/** The argv of a command in shell form: SHELL, with the text as its last word. */
export function shellArgv(text: string, shell: readonly string[] = []): readonly string[] {
  return [...(shell.length > 0 ? shell : DEFAULT_SHELL), text];
}

/** ENTRYPOINT followed by CMD (Docker, `merge` in the daemon's `commit.go`). Throws `usage` if both are empty. */
export function containerArgv(
  { Entrypoint = [], Cmd = [] }: Pick<ContainerConfig, 'Entrypoint' | 'Cmd'>,
  { entrypoint, command }: AskedCommand,
): readonly string[] {
  const keepsCmd = command.length === 0 && (entrypoint === undefined || entrypoint.length === 0);
  const first = entrypoint ?? Entrypoint;
  const isReset = first.length === 1 && first[0] === '';
  const argv = [...(isReset ? [] : first), ...(keepsCmd ? Cmd : command)];
  if (argv.length > 0) return argv;
  throw new MkimageError('usage', 'run image: no command is specified', {
    hint: 'the image has neither ENTRYPOINT nor CMD: name a program after the image',
  });
}

/** The argv of a HEALTHCHECK; undefined if there is none (`NONE`, or not set). */
export function healthcheckArgv(
  test: readonly string[],
  shell: readonly string[] | undefined,
): readonly string[] | undefined {
  const [kind, ...words] = test;
  if (kind === 'CMD') return words.length === 0 ? undefined : words;
  return kind === 'CMD-SHELL' ? shellArgv(words[0] ?? '', shell) : undefined;
}
