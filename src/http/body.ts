/** Request bodies. A body is opened for each send and closed after it. */
import { Readable } from 'node:stream';
import type { RequestBody } from './request.ts';

/** A request body from bytes in memory. */
export function createBody(bytes: Uint8Array): RequestBody {
  return { length: bytes.length, replayable: true, open: () => Readable.from([bytes], { objectMode: false }) };
}

/** A body that is being sent. */
export interface OpenedBody {
  readonly stream: Readable;
  /** The error of the body's source, which is not a network error. */
  readonly fault: () => Error | undefined;
  /** Closes the source, whether it was read or not. */
  readonly release: () => void;
}

export async function openBody(body: RequestBody | undefined): Promise<OpenedBody | undefined> {
  if (body === undefined) return undefined;
  const source = await body.open();
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let [fault, isReleased]: [Error | undefined, boolean] = [undefined, false];
  const next = () =>
    chunks.next().catch((error: Error) => {
      if (!isReleased) fault = error;
      throw error;
    });
  // The connection gets a separate stream, so that errors of the connection and errors of the source stay apart.
  const read = async function* () {
    for (let chunk = await next(); chunk.done !== true; chunk = await next()) yield chunk.value;
  };
  const release = () => {
    isReleased = true;
    source.on('error', () => {}).destroy();
  };
  return { stream: Readable.from(read(), { objectMode: false }).on('error', () => {}), fault: () => fault, release };
}
