/** Authorised requests to one registry. */
import type { Answer, Headers, HttpClient, HttpRequest } from '../http/index.ts';
import type { Call } from '../progress.ts';
import { Authorizer } from './auth.ts';
import type { CredentialProvider } from './credentials/port.ts';
import type { Endpoint } from './endpoint.ts';
import { REGISTRY_RULES } from './registry-rules.ts';
import { findBase } from './scheme.ts';
import { Slots } from './slots.ts';

export interface SessionOptions {
  /** The caller owns it and closes it. */
  readonly http: HttpClient;
  readonly credentials: CredentialProvider;
  readonly findEndpoint: (registry: string) => Promise<Endpoint>;
}

/** What a request wants to do: `repository:team/app:pull`. Several are separated by spaces. */
export type Scope = string;

/** A request to a registry. */
export interface Question
  extends Pick<HttpRequest, 'method' | 'body' | 'mostBytes' | 'retries' | 'repeatable' | 'namedBy'> {
  /** Below `/v2/`, or a whole URL that the registry named. */
  readonly target: string | URL;
  readonly headers?: Headers;
  readonly scope: Scope;
  /** `fetch blob …`, for messages. */
  readonly what: string;
}

/** Uploads to one registry at the same time: BuildKit's limit. */
const UPLOADS = 4;

/** Owns the tokens for one registry, and what is known about it. */
export class RegistrySession {
  /** For uploads. */
  readonly uploads = new Slots(UPLOADS);
  readonly #findEndpoint: () => Promise<Endpoint>;
  readonly #authorizer: Authorizer;
  readonly #http: HttpClient;
  /** The URL of the API, which ends with `/v2/`. Set by the first request. */
  #base: Promise<URL> | undefined;

  constructor(registry: string, { http, credentials, findEndpoint }: SessionOptions) {
    this.#http = http;
    this.#findEndpoint = () => findEndpoint(registry);
    this.#authorizer = new Authorizer({ registry, credentials, http });
  }

  get retries(): HttpClient['retries'] {
    return this.#http.retries;
  }

  /** Sends a request. Answers one challenge. */
  ask(question: Question, call: Call): Promise<Answer> {
    return this.#askAuthorised(question, (request) => this.#http.send(request, call), call);
  }

  /** Sends a request and reads the answer into memory. */
  read(question: Question & { readonly mostBytes: number }, call: Call) {
    const { mostBytes } = question;
    return this.#askAuthorised(question, (request) => this.#http.read({ ...request, mostBytes }, call), call);
  }

  async #askAuthorised<T extends Pick<Answer, 'url' | 'status' | 'header' | 'headers' | 'leftOrigin'> & Discardable>(
    { target, scope, headers = {}, ...rest }: Question,
    send: (request: HttpRequest) => Promise<T>,
    call: Call,
  ): Promise<T> {
    const base = await this.#findBase(call);
    const url = typeof target === 'string' ? new URL(base.href + target) : target;
    const request = { ...rest, url, headers, rules: REGISTRY_RULES };
    // Credentials belong to scheme, host and port of the registry: others that it names get none.
    if (url.origin !== base.origin) return send({ namedBy: base, ...request });
    const sendAs = (authorization: string | undefined) =>
      send(authorization === undefined ? request : { ...request, headers: { ...headers, authorization } });
    const sent = await this.#authorizer.header(scope, call);
    const answer = await sendAs(sent);
    if (answer.status !== 401) return answer;
    const better = await this.#authorizer.answer(answer, { scope, sent }, call);
    if (better === undefined) return answer;
    answer.discard?.();
    return sendAs(better);
  }

  #findBase(call: Call): Promise<URL> {
    this.#base ??= this.#openBase(call);
    this.#base.catch(() => {
      this.#base = undefined;
    });
    return this.#base;
  }

  async #openBase(call: Call): Promise<URL> {
    return findBase(await this.#findEndpoint(), this.#http, call);
  }
}

interface Discardable {
  discard?(): void;
}
