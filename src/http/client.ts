/** The one client: every exchange by HTTP goes through here. */
import { MkimageError } from '../errors.ts';
import { limits, variableOf } from '../limits.ts';
import type { Call } from '../progress.ts';
import type { Scope } from './address.ts';
import { type Answer, readWhole, type WholeAnswer } from './answer.ts';
import { Exchanger, type ExchangerOptions } from './exchange.ts';
import { AddressGuard } from './guard.ts';
import { type Hop, isRedirect, nextHop } from './redirect.ts';
import type { HttpRequest, HttpRules, RetryPolicy } from './request.ts';
import { RETRIES, repeated } from './retry.ts';
import { redactUrl } from './safe-text.ts';

export interface HttpClientOptions extends ExchangerOptions {
  /** Hosts that servers may send us to wherever they lie. */
  readonly trustedHosts?: readonly string[] | undefined;
  /** For requests that say nothing else. */
  readonly retries?: RetryPolicy | undefined;
}

/** Owns the connections. Costs nothing until the first request; disposing it ends what is under way. */
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
   * Sends a request, follows redirects, and tries again what may pass (resets, timeouts, 408, 429, 500, 502 to 504) and may be
   * sent again. Resolves with the last answer, whatever its status. Throws `network` with its evidence; the rules' code for a
   * place where no server may send us and for too many redirects; `cancelled`; and what the request's own body failed with.
   */
  send(request: HttpRequest, call: Call): Promise<Answer> {
    return repeated({
      request,
      policy: request.retries ?? this.retries,
      work: () => this.#follow(request, call),
      call,
    });
  }

  /**
   * The same with the body in memory; a transfer that breaks off is one more thing to try again. Of an answer with a status of
   * 400 or more only the first 16 KiB are kept. Throws `limit` also for more than `mostBytes`.
   */
  read(request: HttpRequest & { readonly mostBytes: number }, call: Call): Promise<WholeAnswer> {
    // Too long a body is told in the words of the request, not as a limit of fetches.
    const unbounded = { ...request, mostBytes: Number.POSITIVE_INFINITY };
    const work = async () => readWhole(await this.#follow(unbounded, call), request);
    return repeated({ request, policy: request.retries ?? this.retries, work, call });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exchanger[Symbol.asyncDispose]();
  }

  async #follow(request: HttpRequest, call: Call): Promise<Answer> {
    const { url, method = 'GET', headers = {}, body, rules, namedBy } = request;
    const named = namedBy ?? url;
    const most = limits().REDIRECTS;
    let hop: Hop = { url, method, headers, body, leftOrigin: false };
    // The user may name what they like; where a server sends us from there may lie no further in.
    let reach: Scope = namedBy === undefined ? 'local' : this.#reach(named, url, rules);
    for (let hops = 0; hops <= most; hops++) {
      const answer = await this.#exchanger.exchange(hop, request, reach, call);
      const location = isRedirect(answer.status) ? answer.header('location') : undefined;
      if (location === undefined) return answer;
      answer.discard();
      hop = nextHop(hop, { status: answer.status, location }, { rules, trusts: (to) => this.#guard.trusts(to) });
      reach = this.#reach(named, hop.url, rules);
      call.log?.debug('http', 'redirected', { status: answer.status, to: redactUrl(hop.url), hops: hops + 1 });
    }
    throw new MkimageError(rules.code, `follow redirects of \`${redactUrl(url)}\`: more than ${most} redirects`, {
      hint: `${variableOf('REDIRECTS')} sets another limit`,
    });
  }

  #reach(from: URL, to: URL, rules: HttpRules): Scope {
    return rules.reach === 'internet' ? this.#guard.reachOfFetch(from, to) : this.#guard.reach(from, to);
  }
}
