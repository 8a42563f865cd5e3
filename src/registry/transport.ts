/** One HTTP exchange, no more: redirects, retries and credentials are decided elsewhere. */
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { throwIfCancelled } from '../errors.ts';
import { AddressGuard, isLoopbackHost, openConnections, type ProxySettings, paced, type Scope } from '../http/index.ts';
import { networkErrorOf } from './registry-error.ts';

export interface TransportOptions {
  readonly userAgent: string;
  readonly proxies?: ProxySettings | undefined;
  /** PEM certificates trusted instead of the usual roots. */
  readonly certificates?: readonly string[] | undefined;
  /** How names become addresses; the system's way by default. */
  readonly lookup?: LookupFunction | undefined;
  /** Hosts that servers may send us to wherever they lie. */
  readonly trustedHosts?: readonly string[] | undefined;
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
  /** How far in the host may lie: `local`, which is anywhere, if the user named it; else what `Transport.reach` says. */
  readonly reach: Scope;
  readonly signal: AbortSignal;
}

const PATIENCE = 60_000;
const DISCARD_LIMIT = 16 * 1024;

/** Owns the connections. undici is imported at the first exchange: a build that needs no network does not pay for it. */
export class Transport implements AsyncDisposable {
  readonly #options: TransportOptions;
  readonly #guard: AddressGuard;
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>();

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#guard = new AddressGuard(options.trustedHosts, 'registry');
  }

  /** How far in a URL may lie to which the server at `from` sends us. */
  reach(from: URL, to: URL): Scope {
    return this.#guard.reach(from, to);
  }

  /** GETs a URL. Throws `network`, `registry` for an address that is refused, `cancelled`. */
  async get(exchange: Exchange): Promise<Answer> {
    const { url, headers, reach, signal } = exchange;
    throwIfCancelled(signal);
    this.#guard.checkLiteral(url, reach);
    try {
      const dispatcher = await this.#dispatcherFor(url, reach);
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
      throw networkErrorOf(error, url, this.#options.proxies);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const dispatcher of this.#dispatchers.values()) await (await dispatcher).destroy();
  }

  /** Go's rule, which users of proxies count on: this machine itself is never reached through a proxy. */
  #dispatcherFor(url: URL, reach: Scope): Promise<Dispatcher> {
    const proxies = isLoopbackHost(url.hostname) ? undefined : this.#options.proxies;
    const key = `${proxies === undefined} ${reach}`;
    const dispatcher = this.#dispatchers.get(key) ?? this.#open(proxies, reach);
    this.#dispatchers.set(key, dispatcher);
    return dispatcher;
  }

  async #open(proxies: ProxySettings | undefined, reach: Scope): Promise<Dispatcher> {
    const { certificates, lookup: given, patience = PATIENCE } = this.#options;
    const lookup = given ?? ((await import('node:dns')).lookup as LookupFunction);
    return openConnections({ proxies, certificates, lookup: this.#guard.lookup(lookup, reach), patience });
  }
}

function answerOf(url: URL, { statusCode, headers, body: plain }: Dispatcher.ResponseData): Answer {
  const body = paced(plain, `read answer of \`${url.host}\``);
  const valuesOf = (name: string) => [headers[name] ?? []].flat();
  return {
    url,
    status: statusCode,
    header: (name) => valuesOf(name)[0],
    headers: valuesOf,
    body,
    discard: () => {
      plain.on('error', () => {});
      plain.dump({ limit: DISCARD_LIMIT }).catch(() => {});
    },
  };
}
