/** Authentication to a registry: its challenge and the tokens for it (distribution-spec: token authentication). */
import { MkimageError } from '../errors.ts';
import { type AnswerHead, type Headers, type HttpClient, isLoopbackHost } from '../http/index.ts';
import type { Call } from '../progress.ts';
import { createRefusal } from './registry-error.ts';
import { REGISTRY_RULES } from './registry-rules.ts';

export interface Credentials {
  readonly username: string;
  readonly secret: string;
}

/** Finds the credentials of a registry by its exact name; undefined: anonymous. */
export type CredentialProvider = (registry: string) => Promise<Credentials | undefined>;

type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: URL;
      readonly service: string | undefined;
      /** The registry that named the realm. */
      readonly from: URL;
    };

export interface AuthorizerOptions {
  readonly registry: string;
  readonly credentials: CredentialProvider;
  readonly http: HttpClient;
}

const TOKEN_LIMIT = 256 * 1024;

/** Remembers one registry's challenge, and its tokens by realm, service and scope. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Promise<string>>();
  #challenge: Challenge | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The `Authorization` header for a scope; undefined if the registry has not asked for one. */
  async header(scope: string, call: Call): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined;
    if (this.#challenge.scheme === 'basic')
      return createBasicHeader(await this.#options.credentials(this.#options.registry));
    return `Bearer ${await this.#token(this.#challenge, scope, call)}`;
  }

  /**
   * Handles a 401 and returns the new `Authorization` header; undefined if there is none other than `sent`. Throws `registry`
   * for a challenge that cannot be trusted.
   */
  async answer(refused: AnswerHead, scope: string, sent: string | undefined, call: Call): Promise<string | undefined> {
    if (refused.leftOrigin) return undefined;
    const challenge = await parseChallenge(refused);
    if (challenge === undefined) return undefined;
    this.#challenge = challenge;
    call.log?.debug('registry', 'asked who we are', {
      registry: this.#options.registry,
      scheme: challenge.scheme,
      realm: challenge.scheme === 'bearer' ? challenge.realm.host : undefined,
      scope,
    });
    if (challenge.scheme === 'bearer') this.#tokens.delete(keyOf(challenge, scope));
    const header = await this.header(scope, call);
    return header === sent ? undefined : header;
  }

  #token(challenge: Challenge & { scheme: 'bearer' }, scope: string, call: Call): Promise<string> {
    const key = keyOf(challenge, scope);
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const token = this.#fetchToken(challenge, scope, call);
    this.#tokens.set(key, token);
    token.catch(() => this.#tokens.delete(key));
    return token;
  }

  async #fetchToken(challenge: Challenge & { scheme: 'bearer' }, scope: string, call: Call): Promise<string> {
    const credentials = await this.#options.credentials(this.#options.registry);
    const authorization = createBasicHeader(credentials);
    call.log?.hide(credentials === undefined ? [] : [credentials.secret]);
    call.log?.debug('registry', 'token asked for', {
      realm: challenge.realm.host,
      as: credentials === undefined ? 'nobody' : 'a user with a password',
    });
    const url = new URL(challenge.realm);
    if (challenge.service !== undefined) url.searchParams.set('service', challenge.service);
    url.searchParams.set('scope', scope);
    const what = `get token for \`${this.#options.registry}\` from \`${url.host}\``;
    const headers: Headers = authorization === undefined ? {} : { authorization };
    const asked = { url, headers, what, rules: REGISTRY_RULES, namedBy: challenge.from, mostBytes: TOKEN_LIMIT };
    const answer = await this.#options.http.read(asked, call);
    if (answer.status !== 200) throw createRefusal(answer, answer.bytes, what);
    const token = readToken(answer.bytes.toString('utf8'), what);
    call.log?.hide([token]);
    return token;
  }
}

function keyOf(challenge: Challenge & { scheme: 'bearer' }, scope: string): string {
  return JSON.stringify([challenge.realm.href, challenge.service, scope]);
}

function createBasicHeader(credentials: Credentials | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.secret}`).toString('base64')}`;
}

/** The first supported challenge. Bearer comes before Basic, because it exposes less. */
async function parseChallenge(refused: AnswerHead): Promise<Challenge | undefined> {
  const module = await import('auth-header');
  const { parse } = module.default ?? module;
  const challenges = refused.headers('www-authenticate').flatMap((header) => {
    try {
      return [parse(header)];
    } catch {
      return [];
    }
  });
  const bearer = challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer');
  if (bearer !== undefined) return parseBearer(bearer.params, refused.url);
  return challenges.some(({ scheme }) => scheme.toLowerCase() === 'basic') ? { scheme: 'basic' } : undefined;
}

function parseBearer(params: Readonly<Record<string, string | readonly string[]>>, registry: URL): Challenge {
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : undefined);
  const realm = parseRealm(text('realm') ?? '', registry);
  return { scheme: 'bearer', realm, service: text('service'), from: registry };
}

/** Checks the token server: it must use HTTPS, or be on this machine if the registry is. Others must not get credentials. */
function parseRealm(realm: string, registry: URL): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const local = url !== undefined && isLoopbackHost(url.hostname);
  const trusted = local ? isLoopbackHost(registry.hostname) : url?.protocol === 'https:';
  const web = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url !== undefined && trusted && web && url.username === '' && url.password === '') return url;
  throw new MkimageError(
    'registry',
    `get token for \`${registry.host}\`: the realm \`${realm.slice(0, 100)}\` is not trusted`,
    {
      hint: 'a registry must name an HTTPS address as its token server',
    },
  );
}

function readToken(body: string, what: string): string {
  const token = findTokenField(body);
  // Characters other than visible ASCII could inject a second header.
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new MkimageError('registry', `${what}: no token in the answer`);
}

function findTokenField(body: string): string | undefined {
  try {
    const { token, access_token } = JSON.parse(body) as { token?: unknown; access_token?: unknown };
    return [token, access_token].find((field) => typeof field === 'string' && field !== '') as string | undefined;
  } catch {
    return undefined;
  }
}
