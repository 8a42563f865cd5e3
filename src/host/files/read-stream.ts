import type { Readable } from 'node:stream';
import { MkimageError } from '../../errors.ts';

/** All that a stream has. `what` is named in errors. Throws `limit` beyond `most` bytes, `cancelled`. */
export function readStream(stream: Readable, what: string, most: number, signal: AbortSignal): Promise<Buffer> {
  return untilCancelled(stream, { signal }, () => collect(stream, what, most));
}

/** Reading that a signal ends at once, though nothing comes any more. */
export async function untilCancelled<T>(
  stream: Readable,
  { signal }: { readonly signal: AbortSignal },
  read: () => Promise<T>,
): Promise<T> {
  const stop = () => stream.destroy(new MkimageError('cancelled', 'cancelled', { cause: signal.reason }));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await read();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The same for bytes that come in pieces. Throws `limit`. */
export async function collect(pieces: AsyncIterable<Buffer>, what: string, most: number): Promise<Buffer> {
  const taken: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > most) throw new MkimageError('limit', `read ${what}: it has more than ${most} bytes`);
    taken.push(piece);
  }
  return Buffer.concat(taken);
}
