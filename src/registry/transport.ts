/** One HTTP exchange, no more: redirects, retries and credentials are decided elsewhere. */
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { isLocalAddress, isLoopbackHost } from './address.ts';
import { networkErrorOf } from './registry-error.ts';

/** Proxy URLs and the names that are reached without one, in the syntax of `NO_PROXY`. */
export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly none?: string | undefined;
}

export interface TransportOptions {
  readonly userAgent: string;
  readonly proxies?: ProxySettings | undefined;
  /** PEM certificates trusted instead of the usual roots. */
  readonly certificates?: readonly string[] | undefined;
  /** How names become addresses; the system's way by default. */
  readonly lookup?: LookupFunction | undefined;
  /** Milliseconds without an answer, or without a byte of it, after which an exchange counts as broken. */
  readonly patience?: number | undefined;
}

/** An answer whose body has not been read. Whoever gets it reads the body or discards it. */
export interface Answer {
  readonly url: URL;
  readonly status: number;
  /** One value of a header; the first, if it came several times. */
  header(name: string): string | undefined;
  headers(name: string): readonly string[];
  readonly body: Readable;
  /** Lets go of a body that nobody will read; a short rest is read off, so that the connection can be used again. */
  discard(): void;
}

export interface Exchange {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * `named` by the user: may be anywhere. `sent` there by a server: never to this machine's own addresses, where services
   * listen that trust whoever can reach them.
   */
  readonly trust: 'named' | 'sent';
  readonly signal: AbortSignal;
}

const PATIENCE = 60_000;
const DISCARD_LIMIT = 16 * 1024;

/** Owns the connections. undici is imported at the first exchange: a build that needs no network does not pay for it. */
export class Transport implements AsyncDisposable {
  readonly #options: TransportOptions;
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** GETs a URL. Throws `network`, `registry` for an address that is refused, `cancelled`. */
  async get(exchange: Exchange): Promise<Answer> {
    const { url, headers, trust, signal } = exchange;
    throwIfCancelled(signal);
    refuseLocal(url, trust);
    try {
      const dispatcher = await this.#dispatcherFor(url, trust);
      const answer = await dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        headers: { 'user-agent': this.#options.userAgent, 'accept-encoding': 'identity', ...headers },
        signal,
      });
      return answerOf(url, answer);
    } catch (error) {
      throwIfCancelled(signal);
      throw networkErrorOf(error, url);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const dispatcher of this.#dispatchers.values()) await (await dispatcher).destroy();
  }

  /** Go's rule, which users of proxies count on: this machine itself is never reached through a proxy. */
  #dispatcherFor(url: URL, trust: Exchange['trust']): Promise<Dispatcher> {
    const route = isLoopbackHost(url.hostname) ? 'direct' : 'proxied';
    const key = `${route} ${trust}`;
    const dispatcher = this.#dispatchers.get(key) ?? openDispatcher(this.#options, route, trust);
    this.#dispatchers.set(key, dispatcher);
    return dispatcher;
  }
}

async function openDispatcher(
  { proxies, certificates, lookup: given, patience = PATIENCE }: TransportOptions,
  route: 'direct' | 'proxied',
  trust: Exchange['trust'],
): Promise<Dispatcher> {
  // By its default export: that is all that a bundle has of a CommonJS module.
  const { Agent, EnvHttpProxyAgent } = (await import('undici')).default;
  const lookup = given ?? ((await import('node:dns')).lookup as LookupFunction);
  const options = {
    headersTimeout: patience,
    bodyTimeout: patience,
    connect: {
      timeout: Math.min(patience, 15_000),
      lookup: trust === 'named' ? lookup : guarded(lookup),
      ...(certificates === undefined ? {} : { ca: [...certificates] }),
    },
  };
  if (route === 'direct' || proxies === undefined) return new Agent(options);
  const { http = '', https = '', none = '' } = proxies;
  return new EnvHttpProxyAgent({ ...options, httpProxy: http, httpsProxy: https, noProxy: none });
}

/** A literal address is never looked up, so it is judged here; names are judged by what they turn out to be. */
function refuseLocal(url: URL, trust: Exchange['trust']): void {
  if (trust === 'named' || !(isLocalAddress(url.hostname) || isLoopbackHost(url.hostname))) return;
  throw new MkimageError('registry', `refuse address \`${url.host}\`: a server sent us to this machine's own network`);
}

function guarded(lookup: LookupFunction): LookupFunction {
  return (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, '');
      const addresses = Array.isArray(found) ? found : [];
      const local = addresses.find(({ address }) => isLocalAddress(address));
      const first = addresses[0];
      if (local !== undefined || first === undefined) return done(localAddressError(hostname), '');
      return options.all === true ? done(null, addresses) : done(null, first.address, first.family);
    });
}

function localAddressError(hostname: string): NodeJS.ErrnoException {
  const error = new Error(`a server sent us to ${hostname}, which is this machine's own network`);
  return Object.assign(error, { code: 'MKIMAGE_LOCAL_ADDRESS' });
}

function answerOf(url: URL, { statusCode, headers, body }: Dispatcher.ResponseData): Answer {
  const valuesOf = (name: string) => [headers[name] ?? []].flat();
  return {
    url,
    status: statusCode,
    header: (name) => valuesOf(name)[0],
    headers: valuesOf,
    body,
    discard: () => {
      body.on('error', () => {});
      body.dump({ limit: DISCARD_LIMIT }).catch(() => {});
    },
  };
}
