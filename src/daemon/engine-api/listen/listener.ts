import { chmodSync, chownSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { MkimageError } from '../../../errors.ts';
import { type Address, requireSafeAddress } from './address.ts';

/** PEM texts for TLS in both directions. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ListenerOptions {
  readonly address: Address;
  readonly tls: TlsFiles | undefined;
  /** Number of the group that may use a Unix socket; undefined: only the owner's group. */
  readonly group: number | undefined;
  readonly accept: (socket: Socket) => void;
}

/** Connections of one daemon. Above it new ones are closed at once. */
const MOST_CONNECTIONS = 2000;

/** Starts to listen. A Unix socket has mode 0660. Throws `usage` for an address that is not safe, `in-use` if another daemon has it. */
export async function openListener(options: ListenerOptions): Promise<Server> {
  const { address, tls, accept } = options;
  requireSafeAddress(address, tls !== undefined);
  if (address.kind === 'unix') await removeStale(address.path);
  const isTls = tls !== undefined && address.kind === 'tcp';
  const server = isTls
    ? createTlsServer(
        { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2', allowHalfOpen: true },
        accept,
      )
    : createServer({ allowHalfOpen: true, noDelay: true }, accept);
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainFailure(address, error)));
    server.listen(listenOptions(address), resolve);
  });
  server.on('error', () => {});
  if (address.kind === 'unix') protectSocket(address.path, options.group);
  return server;
}

function listenOptions(address: Address): ListenOptions & { readonly fd?: number } {
  if (address.kind === 'unix') return { path: address.path };
  return address.kind === 'fd' ? { fd: address.fd } : { host: address.host, port: address.port };
}

/** The socket's folder must not let others in before: Node creates it with the umask of the process. */
function protectSocket(path: string, group: number | undefined): void {
  chmodSync(path, 0o600);
  if (group !== undefined) chownSync(path, -1, group);
  chmodSync(path, 0o660);
}

/** A killed daemon leaves its socket. One that answers belongs to a daemon that runs. */
async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new MkimageError('usage', `listen on \`${path}\`: there is a file that is not a socket`);
  if (await isAnswered(path)) throw new MkimageError('in-use', `listen on \`${path}\`: another daemon listens there`);
  rmSync(path, { force: true });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}

function explainFailure(address: Address, error: NodeJS.ErrnoException): Error {
  const place = address.kind === 'tcp' ? `${address.host}:${address.port}` : 'path' in address ? address.path : 'fd';
  const code = error.code === 'EADDRINUSE' ? 'in-use' : 'usage';
  return new MkimageError(code, `listen on \`${place}\`: ${error.message}`, { cause: error });
}
