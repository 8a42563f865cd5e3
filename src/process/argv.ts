/** What a process executes: the words of a command, as Docker puts them together. */
import { MkimageError } from '../errors.ts';
import type { ContainerConfig } from '../oci/index.ts';

const DEFAULT_SHELL = ['/bin/sh', '-c'];

/** What `docker run` says of the command; undefined: what the image says. */
export interface AskedCommand {
  /** Takes the place of the image's ENTRYPOINT and drops its CMD. `['']` (`--entrypoint ""`) means no entrypoint. */
  readonly entrypoint: readonly string[] | undefined;
  /** Takes the place of the image's CMD; empty: the image's. */
  readonly command: readonly string[];
}

/** The argv of a text in shell form: what SHELL says, with the text as its last word. */
export function shellArgv(text: string, shell: readonly string[] = []): readonly string[] {
  return [...(shell.length > 0 ? shell : DEFAULT_SHELL), text];
}

/** ENTRYPOINT with CMD behind it (Docker, `merge` of the daemon's `commit.go`). Throws `usage` if nothing is left of them. */
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

/** The argv of a HEALTHCHECK; undefined if there is none (`NONE`, or nothing is said). */
export function healthcheckArgv(
  test: readonly string[],
  shell: readonly string[] | undefined,
): readonly string[] | undefined {
  const [kind, ...words] = test;
  if (kind === 'CMD') return words.length === 0 ? undefined : words;
  return kind === 'CMD-SHELL' ? shellArgv(words[0] ?? '', shell) : undefined;
}
