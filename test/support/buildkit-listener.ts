import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { BuildkitServer } from '../../src/daemon/buildkit/index.ts';
import type { Services } from '../../src/engine/services.ts';

/** Answers of a daemon that its clients need before they build. */
const ANSWERS: Readonly<Record<string, object>> = {
  version: { Version: '0', ApiVersion: '1.41', MinAPIVersion: '1.24', Os: 'linux', Arch: 'amd64' },
  info: {
    ServerVersion: '0',
    OSType: 'linux',
    Architecture: 'x86_64',
    DriverStatus: [],
    Plugins: {},
    SecurityOptions: [],
  },
};

/** A listener on a socket that speaks BuildKit's protocol: HTTP/2 at once, or after an upgrade of HTTP/1. */
export async function listenForBuildkit(services: Services, path: string): Promise<AsyncDisposable> {
  const buildkit = new BuildkitServer(services);
  const http = createUpgradingServer(buildkit);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null;
      if (first === null) return;
      socket.unshift(first);
      if (first.subarray(0, 4).toString() === 'PRI ') buildkit.accept(socket);
      else http.emit('connection', socket);
    });
  }).listen(path);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      buildkit[Symbol.dispose]();
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function createUpgradingServer(buildkit: BuildkitServer): Server {
  const http = createHttpServer((request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    response.setHeader('Api-Version', '1.41');
    response.setHeader('Builder-Version', '2');
    if (name === '_ping') return void response.end('OK');
    if (name.startsWith('build?')) return void answerBuild(buildkit, request, response);
    if (name.startsWith('cancel?'))
      buildkit.cancelClassic(new URLSearchParams(name.slice('cancel?'.length)).get('id') ?? '');
    const answer = ANSWERS[name];
    response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: 'page not found' }));
  });
  http.on('upgrade', (request, socket, head) => buildkit.upgrade(request, socket as Socket, head));
  return http;
}

async function answerBuild(
  buildkit: BuildkitServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.setHeader('Content-Type', 'application/json');
  const query = new URL(request.url!, 'http://localhost').searchParams;
  const send = async (line: object) => void response.write(`${JSON.stringify(line)}\r\n`);
  await buildkit.buildClassic({ query, body: request }, { signal: gone.signal, send });
  response.end();
}
