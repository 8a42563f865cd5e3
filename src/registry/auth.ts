/** Authentication to a registry: its challenge and the tokens for it (distribution-spec: token authentication). */
import { MkimageError } from '../errors.ts';
import { type AnswerHead, type HttpClient, isLoopbackHost } from '../http/index.ts';
import type { Call } from '../progress.ts';
import type { CredentialProvider, Credentials } from './credentials/port.ts';
import { encodeBasic, fetchToken, type TokenAnswer } from './token.ts';

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
  /** Called with the answers of token servers. With it, they are asked for a token that can be saved instead of a password. */
  readonly onToken?: (answer: TokenAnswer) => void;
}

interface AskedScope {
  readonly scope: string;
  readonly sent?: string | undefined;
}

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
    if (this.#challenge.scheme === 'basic') return createBasicHeader(await this.#findCredentials(scope, call), call);
    return `Bearer ${await this.#token(this.#challenge, scope, call)}`;
  }

  /**
   * Handles a 401 and returns the new `Authorization` header; undefined if there is none other than `sent`. Throws `registry`
   * for a challenge that cannot be trusted.
   */
  async answer(refused: AnswerHead, { scope, sent }: AskedScope, call: Call): Promise<string | undefined> {
    if (refused.leftOrigin) return undefined;
    const challenge = await parseChallenge(refused);
    if (challenge === undefined) return undefined;
    this.#challenge = challenge;
    call.log?.debug('registry', 'authentication requested', {
      registry: this.#options.registry,
      scheme: challenge.scheme,
      realm: challenge.scheme === 'bearer' ? challenge.realm.host : undefined,
      scope,
    });
    if (challenge.scheme === 'bearer') await this.#dropToken(keyOf(challenge, scope), sent);
    const header = await this.header(scope, call);
    return header === sent ? undefined : header;
  }

  /** Keeps a token that another request got after this one was sent. */
  async #dropToken(key: string, sent: string | undefined): Promise<void> {
    if (sent === undefined) return;
    const known = await this.#tokens.get(key)?.catch(() => undefined);
    if (sent === `Bearer ${known}`) this.#tokens.delete(key);
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
    const { registry, http, onToken } = this.#options;
    const credentials = await this.#findCredentials(scope, call);
    if (credentials?.kind === 'registry-token') return credentials.secret;
    const { realm, service, from } = challenge;
    const wanted = { registry, realm, service, namedBy: from, scope, credentials, offline: onToken !== undefined };
    const answer = await fetchToken(http, wanted, call);
    onToken?.(answer);
    return answer.token;
  }

  #findCredentials(scope: string, call: Call): Promise<Credentials | undefined> {
    const repository = /^repository:([^:\s]+):/.exec(scope)?.[1] ?? '';
    return this.#options.credentials(this.#options.registry, repository, call);
  }
}

function keyOf(challenge: Challenge & { scheme: 'bearer' }, scope: string): string {
  return JSON.stringify([challenge.realm.href, challenge.service, scope]);
}

function createBasicHeader(credentials: Credentials | undefined, call: Call): string | undefined {
  if (credentials === undefined) return undefined;
  if (credentials.kind === 'registry-token') return `Bearer ${credentials.secret}`;
  return encodeBasic(credentials, call);
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
  // A registry that the configuration allows to use plain HTTP may be its own token server.
  const isOwn = registry.protocol === 'http:' && url?.hostname === registry.hostname;
  const trusted = local ? isLoopbackHost(registry.hostname) : url?.protocol === 'https:' || isOwn;
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
