import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { superviseContainers } from '../../engine/containers/supervise.ts';
import type { Services } from '../../engine/services.ts';
import { BuildkitServer } from '../buildkit/index.ts';
import { Router } from './http/router.ts';
import { createHttpServer, type Http2Upgrade } from './http/server.ts';
import type { Address } from './listen/address.ts';
import { openListener, type TlsFiles } from './listen/listener.ts';
import { chooseProtocol } from './listen/sniff.ts';
import { ROUTES } from './routes/index.ts';
import { Runs } from './runs.ts';
import type { Daemon } from './shared.ts';

export interface DaemonOptions {
  readonly services: Services;
  readonly version: string;
  readonly addresses: readonly Address[];
  readonly tls?: TlsFiles | undefined;
  /** Number of the group that may use Unix sockets. */
  readonly group?: number | undefined;
  readonly reportFault: (error: unknown, request: string) => void;
  /** Stops the daemon. Containers continue to run. */
  readonly signal: AbortSignal;
  /** Called when clients can connect. */
  readonly tellReady: () => void;
}

const FIRST_BYTES_MS = 60_000;

/** Answers requests of the Docker Engine API until the signal is aborted. Throws `usage` and `in-use` for its addresses. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { services, version, signal, addresses, tls, group } = options;
  using buildkit = new BuildkitServer(services);
  const daemon: Daemon = { services, version, runs: new Runs(services), execs: new Map(), buildkit, stopping: signal };
  const { reportFault } = options;
  const upgrade: Http2Upgrade = (...parts) => buildkit.upgrade(...parts);
  const router = new Router(ROUTES);
  const http = createHttpServer({ router, daemon, version, http2: upgrade, stopping: signal, reportFault });
  const open = new Set<Socket>();
  const accept = (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    chooseProtocol(socket, {
      http1: (each) => http.emit('connection', each),
      http2: (each) => buildkit.accept(each),
      patienceMs: FIRST_BYTES_MS,
    });
  };
  const listeners: Server[] = [];
  try {
    for (const address of addresses) listeners.push(await openListener({ address, tls, group, accept }));
    options.tellReady();
    await superviseAlways(services, signal);
  } finally {
    for (const listener of listeners) listener.close();
    http.close();
    await closeAll(open);
  }
}

const PAUSE_MS = 200;

/** This process monitors the containers, also those that ran before it. */
async function superviseAlways(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await superviseContainers(services, signal);
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

const FAREWELL_MS = 500;

/** Replies that are being written may end. */
async function closeAll(open: ReadonlySet<Socket>): Promise<void> {
  for (let waited = 0; open.size > 0 && waited < FAREWELL_MS; waited += 50) await sleep(50);
  for (const socket of open) socket.destroy();
}
