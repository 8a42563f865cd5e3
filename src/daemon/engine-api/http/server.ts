import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isMkimageError } from '../../../errors.ts';
import { Exchange, type UpgradeParts } from './exchange.ts';
import { HttpFailure, messageOf, statusOf } from './failure.ts';
import type { Router } from './router.ts';
import { dropEmptyBody, readUpgradedBody } from './upgraded-body.ts';
import { formatVersion, HIGHEST, readPath, type VersionedPath } from './versions.ts';

/** Takes a connection that a client wants to continue with HTTP/2. */
export type Http2Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

export interface ServerOptions<D> {
  readonly router: Router<D>;
  readonly daemon: D;
  readonly version: string;
  /** Takes the upgrades of `POST /grpc` and `POST /session`. */
  readonly http2: Http2Upgrade;
  /** Aborts every request that still runs. */
  readonly stopping: AbortSignal;
  /** What was not the client's fault. */
  readonly reportFault: (error: unknown, request: string) => void;
}

/** dockerode repeats the whole body of a create request in the query. */
const MOST_HEADER_BYTES = 2 ** 20;
const KEEP_ALIVE_MS = 5 * 60_000;
/** A client may take so long to send the header of a request. */
const HEADER_MS = 60_000;

/** An HTTP/1 server for connections that another server has accepted. */
export function createHttpServer<D>(options: ServerOptions<D>): Server {
  const server = createServer({
    maxHeaderSize: MOST_HEADER_BYTES,
    headersTimeout: HEADER_MS,
    requestTimeout: 0, // the upload of an image is one request
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 5000,
  });
  Object.assign(server, { httpAllowHalfOpen: true });
  server.timeout = 0;
  server.on('request', (request, response) => void answer(options, { request, response, upgrade: undefined }));
  server.on(
    'upgrade',
    (request, socket, head) => void answerUpgrade(options, { request, socket: socket as Socket, head }),
  );
  server.on('clientError', (_, socket) => refuseBrokenRequest(socket as Socket));
  server.emit('listening'); // Node starts to watch over slow headers with this event
  return server;
}

function refuseBrokenRequest(socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nbad request');
  socket.destroySoon();
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upgrade: UpgradeParts | undefined;
}

interface Upgrading {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

/** Errors before the connection changes its protocol are ordinary replies. */
async function answerUpgrade<D>(options: ServerOptions<D>, { request, socket, head }: Upgrading): Promise<void> {
  socket.on('error', () => socket.destroy());
  if (isHttp2Upgrade(request)) {
    options.http2(request, socket, dropEmptyBody(request, head));
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = true; // docker 20.10 takes `Connection: close` for success
  response.assignSocket(socket);
  response.on('finish', () => socket.end());
  try {
    const body = await readUpgradedBody(request, socket, head);
    await answer(options, { request, response, upgrade: { body, socket } });
  } catch (error) {
    setHeaders(options, response);
    sendFailure(response, error);
  }
}

function isHttp2Upgrade({ method, url = '', headers }: IncomingMessage): boolean {
  const path = url.split('?')[0]!;
  const isDoor = path.endsWith('/grpc') || path.endsWith('/session');
  return method === 'POST' && isDoor && (headers.upgrade ?? '').toLowerCase() === 'h2c';
}

async function answer<D>(options: ServerOptions<D>, asked: Asked): Promise<void> {
  const { request, response } = asked;
  const { url = '/', method = 'GET' } = request;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const leaving = watchClient(asked, options.stopping);
  let exchange: Exchange | undefined;
  try {
    setHeaders(options, response);
    if (method === 'OPTIONS') return void response.writeHead(200).end();
    const { minor, segments } = readPath(path);
    const found = findRoute(options, method, { minor, segments });
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    exchange = new Exchange({ ...asked, query, minor, parameters: found.parameters, signal: leaving.signal });
    await found.handler(exchange, options.daemon);
  } catch (error) {
    if (isFault(error)) options.reportFault(error, `${method} ${path}`);
    if (exchange?.hasBegun === true) exchange.abort();
    else sendFailure(response, error);
  } finally {
    leaving.forget();
  }
}

/** What neither the client nor a registry has caused. */
function isFault(error: unknown): boolean {
  if (isMkimageError(error)) return error.code === 'internal' || error.code === 'store' || error.code === 'integrity';
  return !(error instanceof HttpFailure);
}

function findRoute<D>({ router }: ServerOptions<D>, method: string, { segments }: VersionedPath) {
  const found = router.find(method, segments);
  if (found === undefined) throw new HttpFailure(404, 'page not found');
  return found;
}

function setHeaders<D>({ version }: ServerOptions<D>, response: ServerResponse): void {
  response.setHeader('Api-Version', formatVersion(HIGHEST));
  response.setHeader('Docker-Experimental', 'false');
  response.setHeader('Ostype', 'linux');
  response.setHeader('Server', `mkimage/${version} (linux)`);
}

function sendFailure(response: ServerResponse, error: unknown): void {
  const status = statusOf(error);
  const body = Buffer.from(`${JSON.stringify({ message: messageOf(error) })}\n`);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

interface Leaving {
  readonly signal: AbortSignal;
  forget(): void;
}

/** A client that ends its half of a plain connection has gone, as Docker sees it; one with a hijacked connection has not. */
function watchClient({ request, response, upgrade }: Asked, stopping: AbortSignal): Leaving {
  const gone = new AbortController();
  const leave = () => gone.abort();
  const { socket } = request;
  if (upgrade === undefined) socket.once('end', leave);
  socket.once('close', leave);
  response.once('close', leave);
  if (stopping.aborted) leave();
  stopping.addEventListener('abort', leave, { once: true });
  return {
    signal: gone.signal,
    forget: () => {
      socket.removeListener('end', leave).removeListener('close', leave);
      stopping.removeEventListener('abort', leave);
    },
  };
}
