/** Serves gRPC on connections that somebody else accepted. */
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Log } from '../../../progress.ts';
import { frame, readMessages } from './frames.ts';
import { HTTP2_OPTIONS, widenWindow } from './http2-settings.ts';
import type { Methods } from './service.ts';
import { CODE, type Status, toStatus, toTrailers } from './status.ts';
import { writeAndWait } from './write-and-wait.ts';

const OK: Status = { code: CODE.ok, message: '', details: [] };

/** Owns the HTTP/2 sessions of its connections. */
export class GrpcServer implements Disposable {
  readonly #methods: Methods;
  readonly #log: Log | undefined;
  readonly #server: Http2Server;
  readonly #connections = new Set<Duplex>();

  constructor(methods: Methods, log?: Log) {
    this.#methods = methods;
    this.#log = log;
    this.#server = createServer(HTTP2_OPTIONS);
    this.#server.on('session', widenWindow);
    this.#server.on('sessionError', (error: Error) => log?.debug('http', 'gRPC session', { error: error.message }));
    this.#server.on('stream', (stream, headers) => void this.#answer(stream, headers));
  }

  /** Takes over a connection that begins with the preface of HTTP/2. */
  accept(connection: Duplex): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    connection.on('error', (error) => this.#log?.debug('http', 'gRPC connection', { error: error.message }));
    this.#server.emit('connection', connection);
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Never throws: what goes wrong is told to the client. */
  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const stop = new AbortController();
    stream.on('error', () => {});
    stream.on('close', () => stop.abort());
    let status = OK;
    try {
      stream.on('wantTrailers', () => stream.sendTrailers(toTrailers(status)));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      status = await this.#run(stream, headers, stop.signal);
    } catch (error) {
      status = toStatus(error);
    }
    this.#log?.debug('http', 'gRPC call', { path: headers[':path'], code: status.code });
    if (!stream.destroyed && !stream.writableEnded) stream.end();
    stream.resume();
  }

  async #run(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, signal: AbortSignal): Promise<Status> {
    const path = headers[':path'] ?? '';
    const method = this.#methods.get(path);
    if (method === undefined) return { code: CODE.unimplemented, message: `unknown method ${path}`, details: [] };
    const send = (message: Buffer) => writeAndWait(stream, frame(message));
    return (await method.handle({ headers, signal, messages: readMessages(stream), send })) ?? OK;
  }
}
