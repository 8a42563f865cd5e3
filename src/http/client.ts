/** The HTTP client. All HTTP requests of mkimage go through it. */
import { MkimageError } from '../errors.ts';
import { getLimits, variableOf } from '../limits.ts';
import type { Call } from '../progress.ts';
import type { Scope } from './address.ts';
import { type Answer, readWhole, type WholeAnswer } from './answer.ts';
import { Exchanger, type ExchangerOptions } from './exchange.ts';
import { AddressGuard } from './guard.ts';
import { createNextHop, type Hop, isRedirect, parseTarget } from './redirect.ts';
import type { HttpRequest, HttpRules, RetryPolicy } from './request.ts';
import { RETRIES, runWithRetries } from './retry.ts';
import { redactUrl } from './safe-text.ts';

export interface HttpClientOptions extends ExchangerOptions {
  /** Hosts that servers may redirect to even if they are in a private network. */
  readonly trustedHosts?: readonly string[] | undefined;
  /** For requests without their own policy. */
  readonly retries?: RetryPolicy | undefined;
}

/** Owns the connections. Opens nothing before the first request; disposing it aborts running requests. */
export class HttpClient implements AsyncDisposable {
  readonly retries: RetryPolicy;
  readonly #guard: AddressGuard;
  readonly #exchanger: Exchanger;

  constructor(options: HttpClientOptions = {}) {
    this.retries = options.retries ?? RETRIES;
    this.#guard = new AddressGuard(options.trustedHosts);
    this.#exchanger = new Exchanger(options, this.#guard);
  }

  /**
   * Sends a request and follows redirects. Retries temporary failures (resets, timeouts, 408, 429, 500, 502 to 504) if the
   * request can be runWithRetries. Resolves with the last answer, whatever its status. Throws `network` with its evidence; the code of
   * the rules for a forbidden redirect and for too many redirects; `cancelled`; and errors of the request's own body.
   */
  send(request: HttpRequest, call: Call): Promise<Answer> {
    return runWithRetries({
      request,
      policy: request.retries ?? this.retries,
      work: () => this.#follow(request, call),
      call,
    });
  }

  /**
   * Like `send`, but reads the body into memory and also retries an interrupted transfer. If the status is 400 or more, only the
   * first 16 KiB are kept. Also throws `limit` for more than `mostBytes`.
   */
  read(request: HttpRequest & { readonly mostBytes: number }, call: Call): Promise<WholeAnswer> {
    // `readWhole` reports a body that is too long with the limit of this request, not with the limit for fetches.
    const unbounded = { ...request, mostBytes: Number.POSITIVE_INFINITY };
    const work = async () => readWhole(await this.#follow(unbounded, call), request);
    return runWithRetries({ request, policy: request.retries ?? this.retries, work, call });
  }

  /**
   * Resolves an address that the server at `from` named in another header than that of a redirect, by the same rules. Its sender
   * passes `namedBy`. Throws the code of the rules.
   */
  resolveTarget(from: URL, location: string, rules: HttpRules): URL {
    return parseTarget(from, location, { rules, trusts: (to) => this.#guard.trusts(to) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exchanger[Symbol.asyncDispose]();
  }

  async #follow(request: HttpRequest, call: Call): Promise<Answer> {
    const { url, method = 'GET', headers = {}, body, rules, namedBy } = request;
    const named = namedBy ?? url;
    const most = getLimits().REDIRECTS;
    let hop: Hop = { url, method, headers, body, leftOrigin: false };
    // The user may name any host. A redirect may not lead to a more private host than that.
    let reach: Scope = namedBy === undefined ? 'local' : this.#reach(named, url, rules);
    for (let hops = 0; hops <= most; hops++) {
      const answer = await this.#exchanger.exchange(hop, { request, reach }, call);
      const location = isRedirect(answer.status) ? answer.header('location') : undefined;
      if (location === undefined) return answer;
      answer.discard();
      hop = createNextHop(hop, { status: answer.status, location }, { rules, trusts: (to) => this.#guard.trusts(to) });
      reach = this.#reach(named, hop.url, rules);
      call.log?.debug('http', 'redirected', { status: answer.status, to: redactUrl(hop.url), hops: hops + 1 });
    }
    throw new MkimageError(rules.code, `follow redirects of \`${redactUrl(url)}\`: more than ${most} redirects`, {
      hint: `set ${variableOf('REDIRECTS')} to change the limit`,
    });
  }

  #reach(from: URL, to: URL, rules: HttpRules): Scope {
    return rules.reach === 'internet' ? this.#guard.reachOfFetch(from, to) : this.#guard.reach(from, to);
  }
}
