import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { MkimageError } from '../../../errors.ts';

/** Writes, and resolves when the stream takes more. Throws `cancelled` if the other side is gone, `network`. */
export async function writeAndWait(stream: Writable, bytes: Buffer): Promise<void> {
  if (stream.destroyed || stream.writableEnded) throw createGoneError();
  if (stream.write(bytes)) return;
  const stop = new AbortController();
  try {
    await Promise.race([
      once(stream, 'drain', { signal: stop.signal }),
      once(stream, 'close', { signal: stop.signal }),
    ]);
  } catch (cause) {
    throw new MkimageError('network', 'send message: the call has failed', { cause });
  } finally {
    stop.abort();
  }
  if (stream.destroyed) throw createGoneError();
}

function createGoneError(): MkimageError {
  return new MkimageError('cancelled', 'send message: the other side has closed the call');
}
