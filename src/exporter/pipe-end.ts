import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { throwIfCancelled } from '../errors.ts';

const LOOK_AGAIN_MS = 50;

/**
 * Opens the writing end of a named pipe. A normal open waits for a reader and a write to a full pipe blocks; both
 * would keep the process from handling a signal. So the pipe is opened without waiting, repeatedly. Throws as
 * `node:fs`, and `cancelled`.
 */
export async function openPipeEnd(path: string, signal: AbortSignal): Promise<Writable> {
  for (;;) {
    throwIfCancelled(signal);
    const descriptor = tryOpen(path);
    if (descriptor !== undefined) return new Socket({ fd: descriptor, readable: false, writable: true });
    await pause(LOOK_AGAIN_MS);
  }
}

/** undefined while the pipe has no reader. */
function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
    throw error;
  }
}
