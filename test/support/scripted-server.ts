import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/** What a scripted server was asked. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export type Script = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

/** An HTTP server that does what a test tells it, right or wrong, and remembers all it was asked. */
export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
}

export interface ScriptedTls {
  readonly key: string;
  readonly cert: string;
  /** Ask clients for a certificate, and take them without one. */
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** Listens on one address of this machine (127.0.0.1 unless told). `nth` counts requests of the same path from 1. */
export async function serve(
  script: Script,
  options: { readonly address?: string; readonly tls?: ScriptedTls } = {},
): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    seen.push({ method: request.method ?? '', path, headers: request.headers });
    script(request, response, seen.filter((other) => other.path === path).length);
  };
  const server = options.tls === undefined ? createServer(answer) : createTlsServer(options.tls, answer);
  const port = await listen(server, options.address ?? '127.0.0.1');
  return {
    port,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
    });
  });
}
