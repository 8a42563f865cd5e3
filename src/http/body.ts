/** Bodies of requests, each opened for one sending and closed with it. */
import { Readable } from 'node:stream';
import type { RequestBody } from './request.ts';

/** Bytes that are in memory. */
export function bodyOfBytes(bytes: Uint8Array): RequestBody {
  return { length: bytes.length, replayable: true, open: () => Readable.from([bytes], { objectMode: false }) };
}

/** A body on its way. */
export interface OpenedBody {
  readonly stream: Readable;
  /** Why the bytes could not be read: a failure of whoever gave the body, and none of the network. */
  readonly fault: () => Error | undefined;
  /** Lets go of it, read or not. */
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
  // The connection has a stream of its own: what it does to that says nothing about the source.
  const read = async function* () {
    for (let chunk = await next(); chunk.done !== true; chunk = await next()) yield chunk.value;
  };
  const release = () => {
    isReleased = true;
    source.on('error', () => {}).destroy();
  };
  return { stream: Readable.from(read(), { objectMode: false }).on('error', () => {}), fault: () => fault, release };
}
