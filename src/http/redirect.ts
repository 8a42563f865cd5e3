/** Computes the next request of a redirect (RFC 9110, 15.4). Pure: no I/O. */
import { MkimageError } from '../errors.ts';
import { isLoopbackHost } from './address.ts';
import type { Headers, HttpRules, Method, RequestBody } from './request.ts';
import { redactUrl } from './safe-text.ts';

/** One request in a chain of redirects. */
export interface Hop {
  readonly url: URL;
  readonly method: Method;
  readonly headers: Headers;
  readonly body: RequestBody | undefined;
  /** True after a redirect to another scheme, host or port. Credentials that were removed then are not sent again. */
  readonly leftOrigin: boolean;
}

export interface RedirectOptions {
  readonly rules: HttpRules;
  /** True if the user trusts the host, in any network and with any scheme. */
  readonly trusts: (url: URL) => boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that belong to one origin. */
const SECRET: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];
/** Headers that describe a body. */
const OF_BODY = /^content-/;

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** The next request. Throws the code of the rules for a forbidden target, or for a body that cannot be sent again. */
export function createNextHop(
  hop: Hop,
  { status, location }: { readonly status: number; readonly location: string },
  options: RedirectOptions,
): Hop {
  const url = parseTarget(hop.url, location, options);
  const method = chooseMethod(status, hop.method);
  const leaves = url.origin !== hop.url.origin;
  const body = method === hop.method ? hop.body : undefined;
  if (leaves && body?.isSecret === true)
    throw createRefusal(
      { base: hop.url, reason: `the credentials that are sent are not for \`${url.host}\`` },
      options,
    );
  if (body?.replayable === false)
    throw createRefusal({ base: hop.url, reason: 'what is sent cannot be sent a second time' }, options);
  const headers = Object.entries(hop.headers).filter(
    ([name]) =>
      !(leaves && SECRET.includes(name.toLowerCase())) && !(method !== hop.method && OF_BODY.test(name.toLowerCase())),
  );
  return { url, method, body, headers: Object.fromEntries(headers), leftOrigin: hop.leftOrigin || leaves };
}

/** 303 means: get the result from another URL. All clients treat 301 and 302 after a POST the same way. */
function chooseMethod(status: number, method: Method): Method {
  if (method === 'HEAD') return method;
  return status === 303 || (method === 'POST' && (status === 301 || status === 302)) ? 'GET' : method;
}

/** Resolves a URL that the server at `base` named. Throws the code of the rules for a forbidden one. */
export function parseTarget(base: URL, location: string, options: RedirectOptions): URL {
  const url = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  const reason = url === undefined ? 'the location is not a URL' : findRefusalReason(url, base, options);
  if (url === undefined || reason !== undefined) throw createRefusal({ base, reason: reason ?? '', url }, options);
  url.hash = '';
  return url;
}

function findRefusalReason(url: URL, base: URL, { rules, trusts }: RedirectOptions): string | undefined {
  if (url.username !== '' || url.password !== '') return 'the location carries a user name';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return `the location is not HTTP but \`${url.protocol}\``;
  const anywhere = rules.plainHttp === 'anywhere';
  // A server that is asked by plain HTTP may name itself.
  if (base.protocol === 'http:' && url.hostname === base.hostname) return undefined;
  if (base.protocol === 'https:' && !(anywhere && trusts(url))) return LEAVES_HTTPS;
  return anywhere || isLoopbackHost(url.hostname) ? undefined : 'the location is plain HTTP';
}

const LEAVES_HTTPS = 'the server sent us to plain http: the location leaves HTTPS';

interface RefusedHop {
  readonly base: URL;
  readonly reason: string;
  readonly url?: URL | undefined;
}

function createRefusal({ base, reason, url }: RefusedHop, { rules }: RedirectOptions): MkimageError {
  const mayTrust = reason === LEAVES_HTTPS && rules.plainHttp === 'anywhere' && url !== undefined;
  const hint = mayTrust ? { hint: `if you trust the host, add \`${url.hostname}\` to MKIMAGE_TRUSTED_HOSTS` } : {};
  return new MkimageError(rules.code, `follow redirect of \`${redactUrl(base)}\`: ${reason}`, hint);
}
