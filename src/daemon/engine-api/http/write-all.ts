import type { Writable } from 'node:stream';
import { throwIfCancelled } from '../../../errors.ts';

/** Writes, and waits while the reader is slow. Throws `cancelled` when it has gone. */
export async function writeAll(output: Writable, bytes: string | Uint8Array, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal);
  if (output.write(bytes)) return;
  await waitForDrain(output, signal);
  throwIfCancelled(signal);
}

/** Resolves when the stream takes more, has closed, or the signal is aborted. */
export function waitForDrain(output: Writable, signal?: AbortSignal): Promise<void> {
  if (output.destroyed || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      output.removeListener('drain', finish).removeListener('close', finish).removeListener('error', finish);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    output.once('drain', finish).once('close', finish).once('error', finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
