/** A server in front of a real registry: counts requests and bytes, adds latency, and can spoil single requests. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  /** Of the answer. */
  status: number;
  /** Bytes of the body of the request that arrived. */
  sent: number;
  /** Bytes of the body of the answer. */
  received: number;
}

/** Returns true if it answers the request itself, or has destroyed it. */
export type Spoil = (request: IncomingMessage, response: ServerResponse, nth: number) => boolean;

export interface RegistryFront extends AsyncDisposable {
  /** `localhost:41234`. */
  readonly host: string;
  /** The host of the registry behind it. */
  readonly registry: string;
  readonly seen: FrontRequest[];
  /** Set by a test. `nth` counts requests of the same method and path from 1. */
  spoil: Spoil | undefined;
  /** Holds a request back; set by a test. */
  delay: ((request: IncomingMessage) => Promise<void>) | undefined;
  /** Requests of layers and configs themselves. */
  blobReads(): readonly FrontRequest[];
}

/** Bodies are streamed. `latency` (ms) is added before each answer. */
export async function startRegistryFront(
  registry: string,
  { latency = 0 }: { readonly latency?: number } = {},
): Promise<RegistryFront> {
  const seen: FrontRequest[] = [];
  const server = createServer((request, response) => {
    const { method = '', url: path = '' } = request;
    const entry = { method, path, status: 0, sent: 0, received: 0 };
    seen.push(entry);
    request.on('error', () => {});
    response.on('error', () => {});
    const nth = seen.filter((each) => each.method === method && each.path === path).length;
    if (front.spoil?.(request, response, nth) === true) return;
    const wait = front.delay?.(request) ?? Promise.resolve();
    void wait.then(() => forward(registry, { request, response, entry, latency }));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const front: RegistryFront = {
    host: `localhost:${(server.address() as { readonly port: number }).port}`,
    ...{ registry, seen, spoil: undefined, delay: undefined },
    blobReads: () => seen.filter(({ method, path }) => method === 'GET' && /\/blobs\/sha256:/.test(path)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: FrontRequest;
  readonly latency: number;
}

/** The header `Host` stays, so that the registry names this server in its locations. */
function forward(registry: string, { request, response, entry, latency }: Exchange): void {
  const [host, port] = registry.split(':');
  const { method, url: path, headers } = request;
  const upstream = send({ host, port, method, path, headers }, async (answer) => {
    if (latency > 0) await pause(latency);
    entry.status = answer.statusCode ?? 0;
    answer.on('data', (chunk: Buffer) => {
      entry.received += chunk.length;
    });
    response.writeHead(entry.status, answer.rawHeaders);
    answer.pipe(response);
    response.once('close', () => answer.destroy());
  });
  upstream.on('error', () => response.destroy());
  request.on('data', (chunk: Buffer) => {
    entry.sent += chunk.length;
  });
  request.once('close', () => request.complete || upstream.destroy());
  request.pipe(upstream);
}
