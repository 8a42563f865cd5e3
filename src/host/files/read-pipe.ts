import { constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type ReadOptions, readStream } from './read-stream.ts';

/**
 * Opens a named pipe for reading. Opening does not wait for a writer, but reading does. Both can be cancelled; the streams of
 * `node:fs` cannot, because they read in a blocked thread. Throws like `node:fs`.
 */
export function openPipeReader(path: string): Readable {
  return createReader(openPipe(path));
}

/** Reads a named pipe to its end; returns no bytes if no writer has it open. Throws like `node:fs`, `limit`, `cancelled`. */
export async function readPipe(path: string, options: ReadOptions): Promise<Buffer> {
  const descriptor = openPipe(path);
  const first = readFirst(descriptor);
  const pipe = createReader(descriptor);
  try {
    if (first?.length === 0) return first;
    // Put back, so that the limit counts these bytes too.
    if (first !== undefined) pipe.unshift(first);
    return await readStream(pipe, options);
  } finally {
    pipe.destroy();
  }
}

function openPipe(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
}

function createReader(descriptor: number): Readable {
  return new Socket({ fd: descriptor, readable: true, writable: false });
}

/** Reads the bytes in the pipe. Empty at its end (also if there is no writer); undefined if a writer has not written yet. */
function readFirst(descriptor: number): Buffer | undefined {
  const bytes = Buffer.alloc(4096);
  try {
    return bytes.subarray(0, readSync(descriptor, bytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return undefined;
  }
}
