import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { tempDir } from './temp.ts';

let folder: string | undefined;
let count = 0;

/** The two ends of a connection. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  folder ??= tempDir('sockets');
  count += 1;
  const path = join(folder, String(count));
  const server = createServer().listen(path);
  await once(server, 'listening');
  const near = createConnection(path);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [[Socket], unknown];
  server.close();
  return [near, far];
}
