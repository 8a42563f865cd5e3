import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HttpFailure } from './failure.ts';

const MOST_BYTES = 2 ** 20;
const PATIENCE_MS = 30_000;

/** Reads the body of a request that takes the connection: Node parses none. The connection continues after it. */
export async function readUpgradedBody(request: IncomingMessage, socket: Socket, head: Buffer): Promise<Buffer> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (request.headers['transfer-encoding'] !== undefined)
    throw new HttpFailure(400, 'a body with an upgrade needs a Content-Length');
  if (!(length >= 0 && length <= MOST_BYTES)) throw new HttpFailure(413, 'the body is too large');
  if (head.length > 0) socket.unshift(head);
  return length === 0 ? Buffer.alloc(0) : await readExactly(socket, length);
}

const END_OF_CHUNKS = '0\r\n\r\n';

/**
 * Removes the end of an empty body from the first bytes of a connection that changes to HTTP/2. dockerode announces a body in chunks and
 * sends none; no frame of HTTP/2 can begin with these bytes, its length would be 3 MB.
 */
export function dropEmptyBody({ headers }: Pick<IncomingMessage, 'headers'>, head: Buffer): Buffer {
  const isChunked = headers['transfer-encoding'] !== undefined;
  return isChunked && head.toString('latin1', 0, END_OF_CHUNKS.length) === END_OF_CHUNKS
    ? head.subarray(END_OF_CHUNKS.length)
    : head;
}

function readExactly(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.removeListener('readable', look).removeListener('close', fail).removeListener('end', fail);
      settle();
    };
    const fail = () => finish(() => reject(new HttpFailure(400, 'the body is incomplete')));
    const timer = setTimeout(fail, PATIENCE_MS);
    const look = () => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes !== null && bytes.length === length) finish(() => resolve(bytes));
    };
    socket.on('readable', look).once('close', fail).once('end', fail);
    look();
  });
}
