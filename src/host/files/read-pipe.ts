import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { readStream } from './read-stream.ts';

/**
 * The reading end of a named pipe. Opening does not wait for a writer, reading does, and both let a signal be heard: the
 * streams of `node:fs` read in a thread that nothing can wake. Throws like `node:fs`.
 */
export function openPipeReader(path: string): Readable {
  return readerOf(openPipe(path));
}

/** All that is written to a named pipe; nothing if nobody has it open. Throws like `node:fs`, `limit`, `cancelled`. */
export async function readPipe(path: string, what: string, most: number, signal: AbortSignal): Promise<Buffer> {
  const descriptor = openPipe(path);
  const first = readFirst(descriptor);
  const pipe = readerOf(descriptor);
  try {
    if (first?.length === 0) return first;
    return Buffer.concat([first ?? Buffer.alloc(0), await readStream(pipe, what, most, signal)]);
  } finally {
    pipe.destroy();
  }
}

function openPipe(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
}

function readerOf(descriptor: number): Readable {
  return new Socket({ fd: descriptor, readable: true, writable: false });
}

/** What waits in the pipe: nothing at its end, which a pipe without a writer is at; undefined if more is to come. */
function readFirst(descriptor: number): Buffer | undefined {
  const bytes = Buffer.alloc(4096);
  try {
    return bytes.subarray(0, readSync(descriptor, bytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return undefined;
  }
}
