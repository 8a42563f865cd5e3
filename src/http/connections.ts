/** Creates undici connection pools with mkimage's TLS contexts, proxies and timeouts. */
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { buildConnector, Dispatcher } from 'undici';
import { delayEnd } from './delay-end.ts';

export interface ConnectionOptions {
  readonly proxy: URL | undefined;
  readonly lookup: LookupFunction;
  /** Milliseconds without an answer, or without a byte of it, until a request fails. */
  readonly patience: number;
  /** TLS context for the server; undefined: Node's default. */
  readonly tls: SecureContext | undefined;
  /** True: do not verify the server's certificate. */
  readonly unverified: boolean;
  /** TLS context for the proxy. */
  readonly proxyTls: SecureContext | undefined;
}

const CONNECT_PATIENCE = 15_000;
/** Most bytes of all headers of an answer. */
const MOST_HEADERS = 16 * 1024;

type Undici = typeof import('undici').default;

/** Imports undici lazily, because a build without network does not need it. */
export async function openConnections(options: ConnectionOptions): Promise<Dispatcher> {
  // The bundle has only the default export of a CommonJS module.
  const undici = (await import('undici')).default;
  const { proxy, lookup, patience, unverified } = options;
  const server = { ...contextOf(options.tls), ...(unverified ? { rejectUnauthorized: false } : {}) };
  const timeout = Math.min(patience, CONNECT_PATIENCE);
  const bounds = { headersTimeout: patience, bodyTimeout: patience, maxHeaderSize: MOST_HEADERS };
  const factory = (origin: string | URL, given: object) => openPool(undici, origin, { ...bounds, ...given });
  if (proxy === undefined) {
    return new undici.Agent({ ...bounds, factory, connect: { timeout, lookup, ...server } });
  }
  return new undici.ProxyAgent({
    ...{ ...bounds, factory, clientFactory: factory, uri: proxy.href },
    // Plain HTTP requests go to the proxy without a tunnel, as in curl: most proxies open tunnels to port 443 only.
    proxyTunnel: false,
    requestTls: { timeout, ...server },
    proxyTls: { timeout, ...contextOf(options.proxyTls) },
  });
}

function contextOf(context: SecureContext | undefined): { readonly secureContext?: SecureContext } {
  return context === undefined ? {} : { secureContext: context };
}

function openPool({ buildConnector, Pool }: Undici, origin: string | URL, given: object) {
  const { connect } = given as { connect?: buildConnector.connector | buildConnector.BuildOptions };
  const plain = typeof connect === 'function' ? connect : buildConnector({ ...connect });
  const connector: buildConnector.connector = (options, done) =>
    plain(options, (...[error, socket]: [Error | null, Socket | null]) => {
      if (socket !== null && error === null) {
        delayEnd(socket);
        done(null, socket);
      } else done(error ?? new Error('no connection'), null);
    });
  return new Pool(origin, { ...given, connect: connector });
}
