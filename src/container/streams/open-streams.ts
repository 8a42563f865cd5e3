import { chownSync, closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSettings } from '../../api/index.ts';
import { makeNode, openPseudoTerminal, openPseudoTerminalOf } from '../../host/index.ts';
import type { ContainerStreams } from '../../sandbox/index.ts';

const S_IFIFO = 0o010000;

/** Pipes of a run, in its folder. */
export const PIPES = { stdin: 'in', stdout: 'out', stderr: 'err' } as const;

export interface StreamOptions {
  readonly settings: Pick<ContainerSettings, 'Tty' | 'OpenStdin' | 'StdinOnce'>;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** A process whose terminals the new one is one of; undefined: the host's. */
  readonly terminalOf?: number;
  /** Somebody attaches before the start, so `StdinOnce` ends the input with that connection. */
  readonly isAttached: boolean;
}

/** The streams of a new run. Disposing closes the copies of this process. */
export interface OpenedStreams extends Disposable {
  readonly streams: ContainerStreams;
}

/** Creates the pipes or the terminal of a run in its folder, and opens the ends of the container. */
export function openStreams(folder: string, options: StreamOptions): OpenedStreams {
  if (options.settings.Tty === true) {
    const { owner, terminalOf } = options;
    const terminal = terminalOf === undefined ? openPseudoTerminal(owner) : openPseudoTerminalOf(terminalOf, owner);
    return toDisposable({ kind: 'terminal', ...terminal }, [terminal.master, terminal.slave]);
  }
  const outputs = [PIPES.stdout, PIPES.stderr].map((name) => openPipeFile(join(folder, name), options, 'output'));
  const input =
    options.settings.OpenStdin === true ? openPipeFile(join(folder, PIPES.stdin), options, 'input') : undefined;
  const endsWithClient = options.settings.StdinOnce === true && options.isAttached;
  const hold = [...outputs.map(({ held }) => held), ...(input === undefined || endsWithClient ? [] : [input.held])];
  const [stdout, stderr] = outputs;
  return toDisposable(
    { kind: 'pipes', stdin: input?.used, stdout: stdout!.used, stderr: stderr!.used, hold, outputs: 2 },
    [...outputs, ...(input === undefined ? [] : [input])].flatMap(({ held, used }) => [held, used]),
  );
}

interface PipeFile {
  /** Both ends: keeps the pipe alive. */
  readonly held: number;
  /** The end of the container. */
  readonly used: number;
}

/** The pipe belongs to the container's user, who may open it again through /dev/stdout. */
function openPipeFile(path: string, { owner }: StreamOptions, kind: 'input' | 'output'): PipeFile {
  makeNode(path, S_IFIFO | 0o600, { major: 0, minor: 0 });
  chownSync(path, owner.uid, owner.gid);
  const held = openSync(path, constants.O_RDWR);
  return { held, used: openSync(path, kind === 'input' ? constants.O_RDONLY : constants.O_WRONLY) };
}

function toDisposable(streams: ContainerStreams, files: readonly number[]): OpenedStreams {
  return {
    streams,
    [Symbol.dispose]: () => {
      for (const file of files) closeSync(file);
    },
  };
}
