import type { Readable } from 'node:stream';
import { MkimageError } from '../../errors.ts';

export interface ReadOptions {
  /** What is read, for errors: `build file from standard input`. */
  readonly what: string;
  /** Maximum number of bytes. */
  readonly most: number;
  readonly signal: AbortSignal;
}

/** Reads a stream to its end. Throws `limit` for more than `most` bytes, `cancelled`. */
export function readStream(stream: Readable, { what, most, signal }: ReadOptions): Promise<Buffer> {
  return readUntilCancelled(stream, { signal }, () => collect(stream, what, most));
}

/** Runs `read`, which reads the stream. The signal ends it at once, even if the stream gets no more bytes. */
export async function readUntilCancelled<T>(
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

/** Concatenates pieces of bytes. Throws `limit` for more than `most` bytes. */
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
