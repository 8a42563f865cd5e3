import { constants, existsSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { copyDescriptor, resizeTerminal, streamOfTerminal, type WindowSize } from '../../host/index.ts';
import type { StreamName } from '../../process/index.ts';
import { PIPES } from './open-streams.ts';

/** The first descriptor that a recorder keeps: the master of the terminal. */
export const TERMINAL_DESCRIPTOR = 8;

/** The ends of a running container's streams that mkimage uses. */
export interface ContainerIo {
  /** One stream for a terminal, `stdout`. */
  readonly outputs: readonly { readonly name: StreamName; readonly stream: Readable }[];
  /** Undefined: the container has no input. */
  readonly input: Writable | undefined;
  resize(size: WindowSize): void;
}

/** Opens the streams of a run: `recorder` is its recorder, which has the terminal. Throws like `node:fs`. */
export function openContainerIo(folder: string, recorder: number, isTerminal: boolean): ContainerIo {
  if (isTerminal) return openTerminal(copyDescriptor(recorder, TERMINAL_DESCRIPTOR));
  const outputs = (['stdout', 'stderr'] as const).map((name) => ({
    name,
    stream: readPipeFile(join(folder, PIPES[name])) as Readable,
  }));
  return { outputs, input: openInput(folder), resize: () => {} };
}

function openTerminal(master: number): ContainerIo {
  const stream = streamOfTerminal(master);
  return { outputs: [{ name: 'stdout', stream }], input: stream, resize: (size) => resizeTerminal(master, size) };
}

function readPipeFile(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

function openInput(folder: string): Writable | undefined {
  const path = join(folder, PIPES.stdin);
  if (!existsSync(path)) return undefined;
  try {
    return new Socket({
      fd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK),
      readable: false,
      writable: true,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined; // the container has closed its input
    throw error;
  }
}
