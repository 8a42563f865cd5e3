/** Connections as undici makes them, with what it lacks. */
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { buildConnector, Dispatcher } from 'undici';
import { holdEnd } from './held-end.ts';

export interface ConnectionOptions {
  readonly proxy: URL | undefined;
  readonly lookup: LookupFunction;
  /** Milliseconds without an answer, or without a byte of it, after which an exchange counts as broken. */
  readonly patience: number;
  /** For the server that is asked; undefined: as Node does by itself. */
  readonly tls: SecureContext | undefined;
  /** For the proxy. */
  readonly proxyTls: SecureContext | undefined;
}

const CONNECT_PATIENCE = 15_000;
/** Bytes of all headers of an answer. */
const MOST_HEADERS = 16 * 1024;

type Undici = typeof import('undici').default;

/** undici is imported here: a build that needs no network does not pay for it. */
export async function openConnections(options: ConnectionOptions): Promise<Dispatcher> {
  // By its default export: that is all that a bundle has of a CommonJS module.
  const undici = (await import('undici')).default;
  const { proxy, lookup, patience } = options;
  const timeout = Math.min(patience, CONNECT_PATIENCE);
  const bounds = { headersTimeout: patience, bodyTimeout: patience, maxHeaderSize: MOST_HEADERS };
  const factory = (origin: string | URL, given: object) => openPool(undici, origin, { ...bounds, ...given });
  if (proxy === undefined) {
    return new undici.Agent({ ...bounds, factory, connect: { timeout, lookup, ...contextOf(options.tls) } });
  }
  return new undici.ProxyAgent({
    ...{ ...bounds, factory, clientFactory: factory, uri: proxy.href },
    // Plain HTTP is asked of the proxy itself, as curl does: most proxies open tunnels to port 443 only.
    proxyTunnel: false,
    requestTls: { timeout, ...contextOf(options.tls) },
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
        holdEnd(socket);
        done(null, socket);
      } else done(error ?? new Error('no connection'), null);
    });
  return new Pool(origin, { ...given, connect: connector });
}
