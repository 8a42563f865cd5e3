import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { throwIfCancelled } from '../errors.ts';

const LOOK_AGAIN_MS = 50;

/**
 * The writing end of a named pipe. Opening one waits for a reader, and so would every write to a full one: neither may keep
 * the process from hearing a signal, so it is opened without waiting, again and again. Throws like `node:fs`, `cancelled`.
 */
export async function openPipeEnd(path: string, signal: AbortSignal): Promise<Writable> {
  for (;;) {
    throwIfCancelled(signal);
    const descriptor = tryOpen(path);
    if (descriptor !== undefined) return new Socket({ fd: descriptor, readable: false, writable: true });
    await pause(LOOK_AGAIN_MS);
  }
}

/** undefined while nobody reads. */
function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
    throw error;
  }
}
