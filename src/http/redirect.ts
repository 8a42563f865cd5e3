/** Where a redirect leads, and what is sent there (RFC 9110, 15.4). Pure: nothing is asked here. */
import { MkimageError } from '../errors.ts';
import { isLoopbackHost } from './address.ts';
import type { Headers, HttpRules, Method, RequestBody } from './request.ts';
import { redactUrl } from './safe-text.ts';

/** One request of a chain of redirects. */
export interface Hop {
  readonly url: URL;
  readonly method: Method;
  readonly headers: Headers;
  readonly body: RequestBody | undefined;
  /** True once the chain has led to another scheme, host or port. What was left behind there does not come back. */
  readonly leftOrigin: boolean;
}

export interface RedirectOptions {
  readonly rules: HttpRules;
  /** True if the user trusts the host, wherever it lies and however it is reached. */
  readonly trusts: (url: URL) => boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What is for one origin alone. */
const SECRET: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];
/** What says something about a body. */
const OF_BODY = /^content-/;

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** The next request. Throws the rules' code for a place that may not be gone to, or a body that cannot be sent again. */
export function nextHop(
  hop: Hop,
  { status, location }: { readonly status: number; readonly location: string },
  options: RedirectOptions,
): Hop {
  const url = targetOf(hop.url, location, options);
  const method = methodAfter(status, hop.method);
  const leaves = url.origin !== hop.url.origin;
  const body = method === hop.method ? hop.body : undefined;
  if (body?.replayable === false) throw refusal(hop.url, 'what is sent cannot be sent a second time', options);
  const headers = Object.entries(hop.headers).filter(
    ([name]) =>
      !(leaves && SECRET.includes(name.toLowerCase())) && !(method !== hop.method && OF_BODY.test(name.toLowerCase())),
  );
  return { url, method, body, headers: Object.fromEntries(headers), leftOrigin: hop.leftOrigin || leaves };
}

/** 303 asks to look elsewhere for the result; 301 and 302 of a POST are taken so by everybody. */
function methodAfter(status: number, method: Method): Method {
  if (method === 'HEAD') return method;
  return status === 303 || (method === 'POST' && (status === 301 || status === 302)) ? 'GET' : method;
}

function targetOf(base: URL, location: string, options: RedirectOptions): URL {
  const url = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  const reason = url === undefined ? 'the location is not a URL' : reasonToRefuse(url, base, options);
  if (url === undefined || reason !== undefined) throw refusal(base, reason ?? '', options, url);
  url.hash = '';
  return url;
}

function reasonToRefuse(url: URL, base: URL, { rules, trusts }: RedirectOptions): string | undefined {
  if (url.username !== '' || url.password !== '') return 'the location carries a user name';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return `the location is not HTTP but \`${url.protocol}\``;
  const anywhere = rules.plainHttp === 'anywhere';
  if (base.protocol === 'https:' && !(anywhere && trusts(url))) return LEAVES_HTTPS;
  return anywhere || isLoopbackHost(url.hostname) ? undefined : 'the location is plain HTTP';
}

const LEAVES_HTTPS = 'the server sent us to plain http: the location leaves HTTPS';

function refusal(base: URL, reason: string, { rules }: RedirectOptions, url?: URL): MkimageError {
  const mayTrust = reason === LEAVES_HTTPS && rules.plainHttp === 'anywhere' && url !== undefined;
  const hint = mayTrust ? { hint: `if that is right, name \`${url.hostname}\` in MKIMAGE_TRUSTED_HOSTS` } : {};
  return new MkimageError(rules.code, `follow redirect of \`${redactUrl(base)}\`: ${reason}`, hint);
}
