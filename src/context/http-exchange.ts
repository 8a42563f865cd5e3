import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { isMkimageError, MkimageError, throwIfCancelled } from '../errors.ts';
import { AddressGuard, failedProxy, openConnections, PROXY_HINT, paced, type Scope } from '../http/index.ts';
import { limits, variableOf } from '../limits.ts';
import { withoutCredentials } from '../oci/index.ts';

/** What is asked of a server, redirects followed. */
export interface HttpQuestion {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  /** Where the answer came from, redirects followed. */
  readonly url: string;
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Readable;
}

/** How the network is reached; every member has a default. */
export interface HttpAccess {
  readonly proxies?: { readonly http?: string; readonly https?: string; readonly none?: string };
  /** PEM certificates trusted besides the usual roots. */
  readonly certificates?: readonly string[] | undefined;
  /** Milliseconds without a byte after which the exchange counts as broken. */
  readonly patience?: number;
  /** Hosts that servers may send us to wherever they lie. */
  readonly trustedHosts?: readonly string[];
  /** How names become addresses; the system's way by default. */
  readonly lookup?: LookupFunction;
}

/** Lets go of a body that nobody will read. What the connection says of that is no failure. */
export function discardBody({ body }: HttpAnswer): void {
  body.on('error', () => {}).destroy();
}

const PATIENCE = 60_000;

/** Asks, following redirects. Credentials in the URL go to its own origin only. Throws `network`, `usage`, `cancelled`. */
export type HttpExchange = (question: HttpQuestion) => Promise<HttpAnswer>;

/** Costs nothing until the first question. */
export function httpExchange(access: HttpAccess): HttpExchange {
  const guard = new AddressGuard(access.trustedHosts);
  const dispatchers = new Map<Scope, Promise<Dispatcher>>();
  const dispatcherFor = (reach: Scope): Promise<Dispatcher> => {
    const dispatcher = dispatchers.get(reach) ?? openDispatcher(access, guard, reach);
    dispatchers.set(reach, dispatcher);
    return dispatcher;
  };
  return async (question) => {
    throwIfCancelled(question.signal);
    const named = urlOf(question.url);
    const most = limits().REDIRECTS;
    let url = named;
    // The user may name what they like; where the server sends us from there may not be further in.
    let reach: Scope = 'local';
    for (let redirects = 0; redirects <= most; redirects++) {
      const headers =
        url.origin === named.origin ? { ...question.headers, ...credentialsOf(url) } : harmless(question.headers);
      guard.checkLiteral(url, reach);
      const answer = await exchange(bare(url), { ...question, headers }, await dispatcherFor(reach), access.proxies);
      const next = redirectOf(url, answer);
      if (next === undefined)
        return { ...answer, body: paced(answer.body, `fetch \`${withoutCredentials(url.href)}\``) };
      discardBody(answer);
      if (url.protocol === 'https:' && next.protocol === 'http:' && !guard.trusts(next)) throw leavesHttps(url, next);
      reach = guard.reachOfFetch(named, next);
      url = next;
    }
    throw new MkimageError('network', `fetch \`${withoutCredentials(question.url)}\`: more than ${most} redirects`, {
      hint: `${variableOf('REDIRECTS')} sets another limit`,
    });
  };
}

async function openDispatcher(access: HttpAccess, guard: AddressGuard, reach: Scope): Promise<Dispatcher> {
  const { proxies, certificates: own, patience = PATIENCE } = access;
  const lookup = access.lookup ?? ((await import('node:dns')).lookup as LookupFunction);
  const certificates = own === undefined ? undefined : [...(await usualRoots()), ...own];
  return openConnections({ proxies, certificates, lookup: guard.lookup(lookup, reach), patience });
}

async function usualRoots(): Promise<readonly string[]> {
  const { rootCertificates } = await import('node:tls');
  return rootCertificates;
}

function leavesHttps(from: URL, to: URL): MkimageError {
  return new MkimageError('network', `fetch \`${withoutCredentials(from.href)}\`: the server sent us to plain http`, {
    hint: `if that is right, name \`${to.hostname}\` in MKIMAGE_TRUSTED_HOSTS`,
  });
}

async function exchange(
  url: URL,
  { method, headers, signal }: HttpQuestion,
  dispatcher: Dispatcher,
  proxies: HttpAccess['proxies'],
): Promise<HttpAnswer> {
  const { request } = (await import('undici')).default;
  try {
    const { statusCode, headers: fields, body } = await request(url, { method, headers, signal, dispatcher });
    const header = (name: string) => {
      const value = fields[name];
      return Array.isArray(value) ? value[0] : value;
    };
    return { url: url.href, status: statusCode, header, body };
  } catch (cause) {
    throwIfCancelled(signal);
    throw broken(url.href, cause, proxies);
  }
}

/** An error of the network in our words. */
export function broken(url: string, cause: unknown, proxies?: HttpAccess['proxies']): MkimageError {
  if (isMkimageError(cause)) return cause;
  const why = cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
  const proxy = failedProxy(cause, new URL(url), proxies);
  const through = proxy === undefined ? '' : ` through the proxy \`${proxy}\``;
  const hint = proxy === undefined ? hintFor(cause) : PROXY_HINT;
  return new MkimageError('network', `fetch \`${withoutCredentials(url)}\`${through}: ${why}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

function hintFor(cause: unknown): string | undefined {
  const isUntrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test((cause as NodeJS.ErrnoException)?.code ?? '');
  return isUntrusted ? 'the certificate is not trusted; `--ca FILE` names a further authority' : undefined;
}

function redirectOf(from: URL, answer: HttpAnswer): URL | undefined {
  const location = answer.header('location');
  if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return undefined;
  return urlOf(location, from);
}

function urlOf(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new MkimageError('usage', `fetch \`${withoutCredentials(text)}\`: only http and https URLs can be fetched`);
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** What may be told to a server that another one sent us to. */
function harmless(headers: Readonly<Record<string, string>>): Record<string, string> {
  const secret = ['authorization', 'cookie', 'proxy-authorization'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.includes(name.toLowerCase())));
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  copy.hash = '';
  return copy;
}
