import type { Socket } from 'node:net';

/** A connection that begins with HTTP/2, without an upgrade, starts with these bytes (RFC 9113, section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface Protocols {
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
  /** Milliseconds that a client may take for its first bytes. */
  readonly patienceMs: number;
}

/** Gives a new connection to the server of its protocol, with all its bytes. */
export function chooseProtocol(socket: Socket, { http1, http2, patienceMs }: Protocols): void {
  const fail = () => socket.destroy();
  const timer = setTimeout(fail, patienceMs);
  socket.on('error', fail);
  const look = () => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    socket.unshift(bytes);
    const isPart = bytes.length < PREFACE.length && PREFACE.subarray(0, bytes.length).equals(bytes);
    if (isPart) return void socket.once('readable', look);
    clearTimeout(timer);
    socket.removeListener('end', fail);
    const isHttp2 = bytes.subarray(0, PREFACE.length).equals(PREFACE);
    if (isHttp2) http2(socket);
    else http1(socket);
  };
  socket
    .once('readable', look)
    .once('end', fail)
    .once('close', () => clearTimeout(timer));
}
