/** Tokens of a registry's token server (distribution-spec: token authentication; OAuth 2 for identity tokens). */
import { MkimageError } from '../errors.ts';
import { createBody, type Headers, type HttpClient, type HttpRequest } from '../http/index.ts';
import type { Call } from '../progress.ts';
import type { Credentials } from './credentials/port.ts';
import { createRefusal } from './registry-error.ts';
import { REGISTRY_RULES } from './registry-rules.ts';

export interface WantedToken {
  /** For messages. */
  readonly registry: string;
  /** The token server. */
  readonly realm: URL;
  readonly service: string | undefined;
  /** The registry that named the token server. */
  readonly namedBy: URL;
  /** Scopes, separated by spaces; empty: only check the credentials. */
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** Ask for an identity token too. */
  readonly offline: boolean;
}

export interface TokenAnswer {
  readonly token: string;
  /** An identity token, if the server gives one. */
  readonly refreshToken: string | undefined;
}

const TOKEN_LIMIT = 256 * 1024;
/** The name of this client at token servers. */
const CLIENT_ID = 'mkimage';

/** Throws `registry` for a refusal or an answer without a token, `network`, `cancelled`. */
export async function fetchToken(http: HttpClient, wanted: WantedToken, call: Call): Promise<TokenAnswer> {
  const { credentials, realm, registry, namedBy } = wanted;
  call.log?.hide(credentials === undefined ? [] : [credentials.secret]);
  call.log?.debug('registry', 'token requested', { realm: realm.host, as: describeUser(credentials) });
  const what = `get token for \`${registry}\` from \`${realm.host}\``;
  const asked = credentials?.kind === 'identity-token' ? createRefresh(wanted) : createQuestion(wanted, call);
  const common = { what, rules: REGISTRY_RULES, namedBy, mostBytes: TOKEN_LIMIT };
  const answer = await http.read({ ...asked, ...common }, call);
  if (answer.status !== 200) throw createRefusal(answer, answer.bytes, what);
  const found = readAnswer(answer.bytes.toString('utf8'), what);
  call.log?.hide([found.token, ...(found.refreshToken === undefined ? [] : [found.refreshToken])]);
  return found;
}

/** The `Basic` header. Hides it from the log. Throws `usage` for a user name that it cannot express. */
export function encodeBasic({ username, secret }: Credentials, { log }: Call): string {
  if (username.includes(':')) throw new MkimageError('usage', 'use credentials: a user name cannot have a colon');
  const encoded = Buffer.from(`${username}:${secret}`).toString('base64');
  log?.hide([secret, encoded]);
  return `Basic ${encoded}`;
}

type Asked = Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body' | 'repeatable'>;

function createQuestion({ realm, service, scope, credentials, offline }: WantedToken, call: Call): Asked {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const each of scope.split(' ').filter((part) => part !== '')) url.searchParams.append('scope', each);
  if (offline) {
    url.searchParams.set('offline_token', 'true');
    url.searchParams.set('client_id', CLIENT_ID);
  }
  if (credentials === undefined) return { url };
  if (offline) url.searchParams.set('account', credentials.username);
  const headers: Headers = { authorization: encodeBasic(credentials, call) };
  return { url, headers };
}

/** The exchange of an identity token (RFC 6749, 6). */
function createRefresh({ realm, service, scope, credentials }: WantedToken): Asked {
  const form = new URLSearchParams({
    ...{ grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: credentials?.secret ?? '' },
    ...(service === undefined ? {} : { service }),
    ...(scope === '' ? {} : { scope }),
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = { ...createBody(Buffer.from(form.toString())), isSecret: true };
  return { url: realm, method: 'POST', headers, body, repeatable: true };
}

function readAnswer(body: string, what: string): TokenAnswer {
  const { token, access_token, refresh_token } = parseObject(body);
  // Characters other than visible ASCII could inject a second header.
  const found = [token, access_token].find(isToken);
  if (found !== undefined) return { token: found, refreshToken: isToken(refresh_token) ? refresh_token : undefined };
  throw new MkimageError('registry', `${what}: no token in the answer`);
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}

function describeUser(credentials: Credentials | undefined): string {
  if (credentials === undefined) return 'anonymous';
  return credentials.kind === 'identity-token' ? 'a user with an identity token' : 'a user with a password';
}
