/** Connections as undici makes them, with what it lacks. */
import type { LookupFunction, Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';

/** Proxy URLs and the names that are reached without one, in the syntax of `NO_PROXY`. */
export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly none?: string | undefined;
}

export interface ConnectionOptions {
  /** Undefined: every host is reached directly. */
  readonly proxies: ProxySettings | undefined;
  /** PEM certificates trusted instead of the usual roots. */
  readonly certificates: readonly string[] | undefined;
  readonly lookup: LookupFunction;
  /** Milliseconds without an answer, or without a byte of it, after which an exchange counts as broken. */
  readonly patience: number;
}

const CONNECT_PATIENCE = 15_000;

/** undici is imported here: a build that needs no network does not pay for it. */
export async function openConnections(options: ConnectionOptions): Promise<Dispatcher> {
  // By its default export: that is all that a bundle has of a CommonJS module.
  const undici = (await import('undici')).default;
  const { proxies, certificates, lookup, patience } = options;
  const tls = certificates === undefined ? {} : { ca: [...certificates] };
  const all = {
    headersTimeout: patience,
    bodyTimeout: patience,
    connect: { timeout: Math.min(patience, CONNECT_PATIENCE), lookup, ...tls },
    factory: (origin: string | URL, given: object) => openPool(undici, origin, given),
  };
  if (proxies === undefined) return new undici.Agent(all);
  const { http = '', https = '', none = '' } = proxies;
  return new undici.EnvHttpProxyAgent({
    ...all,
    httpProxy: http,
    httpsProxy: https,
    noProxy: none,
    requestTls: tls,
    proxyTls: tls,
  });
}

function openPool({ buildConnector, Pool }: typeof import('undici').default, origin: string | URL, given: object) {
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

const LOOK_AGAIN = 10;

/**
 * A server that closes while its body waits to be read makes undici 7 fail an assertion where nobody can catch it (mended in 8,
 * which does not run on Node 20). Such an end is told when the reader has taken up again what waits.
 */
function holdEnd(socket: Socket): void {
  const emit = socket.emit;
  // Else the stream destroys itself at its end, and undici does not go on with a socket that is destroyed.
  socket.allowHalfOpen = true;
  const tell = (end: unknown[]): void => {
    if (socket.destroyed) return;
    if (isWaiting(socket)) setTimeout(tell, LOOK_AGAIN, end);
    else Reflect.apply(emit, socket, ['end', ...end]);
  };
  socket.emit = ((event: string | symbol, ...values: unknown[]) => {
    if (event !== 'end' || !isWaiting(socket)) return Reflect.apply(emit, socket, [event, ...values]);
    tell(values);
    return true;
  }) as Socket['emit'];
}

/** undici keeps its parser at the socket, under a symbol of its own. */
function isWaiting(socket: Socket): boolean {
  const key = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'parser');
  const parser = key && (socket as unknown as Record<symbol, { readonly paused?: boolean } | null>)[key];
  return parser?.paused === true;
}
