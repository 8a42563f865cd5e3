import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { SeenRequest } from './scripted-server.ts';

/** A proxy whose every host is this machine, and which remembers all it was asked. */
export interface WebProxy extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly SeenRequest[];
}

/** Forwards plain HTTP and opens tunnels, or refuses both with `refuse`. */
export async function startProxy({ refuse }: { readonly refuse?: number } = {}): Promise<WebProxy> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    if (refuse !== undefined) return void response.writeHead(refuse).end();
    const { port, pathname } = new URL(request.url ?? '');
    const options = { host: '127.0.0.1', port, path: pathname, method: request.method, headers: request.headers };
    request.pipe(
      ask(options, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request, client: Socket) => {
    seen.push({ method: 'CONNECT', path: request.url ?? '', headers: request.headers });
    client.on('error', () => {});
    if (refuse !== undefined) return void client.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
    const target = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      target.pipe(client).pipe(target);
    }).on('error', () => client.destroy());
    sockets.add(target);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    seen,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
