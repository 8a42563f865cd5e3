/** One request and its answer. The client handles redirects and retries. */
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import type { Call } from '../progress.ts';
import type { Scope } from './address.ts';
import { type Answer, createAnswer } from './answer.ts';
import { openBody } from './body.ts';
import { openConnections } from './connections.ts';
import { toExchangeError } from './evidence.ts';
import type { AddressGuard } from './guard.ts';
import { logAnswer, logBody, logFault } from './log-exchange.ts';
import { findProxy, type ProxySettings } from './proxies.ts';
import type { Hop } from './redirect.ts';
import type { HttpRequest, HttpRules } from './request.ts';
import { createTlsContext, type HostTls } from './tls.ts';

export interface ExchangerOptions {
  /** Default: `mkimage`. */
  readonly userAgent?: string | undefined;
  readonly proxies?: ProxySettings | undefined;
  /** PEM of additional certificate authorities, trusted for servers and proxies. */
  readonly authorities?: readonly string[] | undefined;
  /** Returns the TLS settings of one `host[:port]`; called once per host, and only for requests to registries. */
  readonly tlsFor?: ((host: string) => Promise<HostTls | undefined>) | undefined;
  /** DNS look-up; default: the system's. */
  readonly lookup?: LookupFunction | undefined;
  /** Milliseconds without an answer, or without a byte of it, until a request fails; default: one minute. */
  readonly patience?: number | undefined;
}

const PATIENCE = 60_000;

/** Target and settings of a connection. Requests with equal routes share connections. */
interface Route {
  readonly url: URL;
  readonly reach: Scope;
  readonly proxy: URL | undefined;
  readonly code: HttpRules['code'];
}

interface HopRequest {
  readonly request: HttpRequest;
  readonly reach: Scope;
}

/** Owns the connections. */
export class Exchanger implements AsyncDisposable {
  readonly #options: ExchangerOptions;
  readonly #guard: AddressGuard;
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>();
  readonly #tls = new Map<string, Promise<HostTls | undefined>>();

  constructor(options: ExchangerOptions, guard: AddressGuard) {
    this.#options = options;
    this.#guard = guard;
  }

  /** Throws as `HttpClient.send`. Opens the hop's body, and closes it in every case. */
  async exchange(hop: Hop, { request, reach }: HopRequest, { signal, log }: Call): Promise<Answer> {
    throwIfCancelled(signal);
    const { url, leftOrigin } = hop;
    const { rules, mostBytes, what = rules.describe(url) } = request;
    const proxy = findProxy(url, this.#options.proxies);
    this.#guard.checkLiteral(url, reach, rules.code);
    const faultOf = (error: unknown): Error =>
      signal.aborted
        ? new MkimageError('cancelled', 'cancelled', { cause: signal.reason })
        : toExchangeError(error, { url, rules, proxy });
    const logged = log && { log, hop, proxy, authorities: this.#authorities, begun: performance.now() };
    const ended = logged && ((bytes: number) => logBody(logged, bytes));
    const body = await openBody(hop.body);
    try {
      const dispatcher = await this.#dispatcherFor({ url, reach, proxy, code: rules.code });
      const answer = await dispatcher.request({ ...this.#toRequestOptions(hop), body: body?.stream ?? null, signal });
      const known = createAnswer(answer, { url, leftOrigin, what, mostBytes, faultOf, ended });
      if (logged) logAnswer(logged, known);
      return known;
    } catch (error) {
      const fault = body?.fault() ?? faultOf(error);
      if (logged) logFault(logged, fault);
      throw fault;
    } finally {
      body?.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = await Promise.allSettled(this.#dispatchers.values());
    for (const each of all) if (each.status === 'fulfilled') await each.value.destroy();
  }

  get #authorities(): number {
    return this.#options.authorities?.length ?? 0;
  }

  #toRequestOptions({ url, method, headers, body }: Hop): Omit<Dispatcher.RequestOptions, 'body'> {
    const length = body?.length === undefined ? {} : { 'content-length': String(body.length) };
    const own = { 'user-agent': this.#options.userAgent ?? 'mkimage', 'accept-encoding': 'identity' };
    const path = `${url.pathname}${url.search}`;
    return { origin: url.origin, path, method, headers: { ...own, ...headers, ...length } };
  }

  async #dispatcherFor(route: Route): Promise<Dispatcher> {
    const { url, reach, proxy, code } = route;
    const tls = url.protocol === 'https:' && code === 'registry' ? await this.#findTls(url.host) : undefined;
    const key = JSON.stringify([url.protocol, reach, code, proxy?.href, tls === undefined ? undefined : url.host]);
    const dispatcher = this.#dispatchers.get(key) ?? this.#open(route, tls);
    this.#dispatchers.set(key, dispatcher);
    return dispatcher;
  }

  #findTls(host: string): Promise<HostTls | undefined> {
    const tls = this.#tls.get(host) ?? this.#options.tlsFor?.(host) ?? Promise.resolve(undefined);
    this.#tls.set(host, tls);
    return tls;
  }

  /** Making a TLS context takes 50 ms, so plain HTTP gets none. */
  async #open({ url, reach, proxy, code }: Route, tls: HostTls | undefined): Promise<Dispatcher> {
    const { authorities = [], lookup = systemLookup as LookupFunction, patience = PATIENCE } = this.#options;
    return openConnections({
      proxy,
      patience,
      lookup: this.#guard.lookup(lookup, reach, code),
      tls: url.protocol === 'https:' ? createTlsContext(authorities, tls) : undefined,
      unverified: tls?.unverified === true,
      proxyTls: proxy === undefined ? undefined : createTlsContext(authorities),
    });
  }
}
