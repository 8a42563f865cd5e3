import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { isRoot } from '../../host/index.ts';
import type { SshAgent } from '../services.ts';

const REQUEST_IDENTITIES = 11;
const SIGN_REQUEST = 13;
/** The agent's answer to all other requests (draft-miller-ssh-agent, SSH_AGENT_FAILURE). */
const FAILURE = Buffer.from([0, 0, 0, 1, 5]);
const LARGEST_MESSAGE = 256 * 1024;

/** Opens a socket for a step. It forwards only requests to list identities and to sign. */
export async function openSshProxy(
  agent: SshAgent,
  socket: string,
  access: { readonly mode: number; readonly uid: number; readonly gid: number },
): Promise<AsyncDisposable> {
  const server = createServer((client) => serve(client, agent));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  chmodSync(socket, access.mode);
  if (isRoot()) chownSync(socket, access.uid, access.gid);
  return { [Symbol.asyncDispose]: () => close(server, socket) };
}

function serve(client: Socket, { connect }: SshAgent): void {
  const agent = connect();
  const end = (): void => {
    client.destroy();
    agent.destroy();
  };
  client.on('error', end).on('close', end);
  agent.on('error', end).on('close', end);
  agent.pipe(client);
  let pending: Buffer = Buffer.alloc(0);
  client.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (let size = messageSize(pending); size !== undefined && pending.length >= size; size = messageSize(pending)) {
      const message = pending.subarray(0, size);
      pending = pending.subarray(size);
      if (isAllowed(message)) agent.write(message);
      else client.write(FAILURE);
    }
    if ((messageSize(pending) ?? 0) > LARGEST_MESSAGE) end();
  });
}

function messageSize(bytes: Buffer): number | undefined {
  return bytes.length < 5 ? undefined : 4 + bytes.readUInt32BE(0);
}

function isAllowed(message: Buffer): boolean {
  return message[4] === REQUEST_IDENTITIES || message[4] === SIGN_REQUEST;
}

async function close(server: Server, socket: string): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  rmSync(socket, { force: true });
}
