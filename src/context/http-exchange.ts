import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { withoutCredentials } from '../oci/index.ts';

/** What is asked of a server, redirects followed. */
export interface HttpQuestion {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Readable;
}

/** How the network is reached; every member has a default. */
export interface HttpAccess {
  readonly proxies?: { readonly http?: string; readonly https?: string; readonly none?: string };
  /** PEM certificates trusted besides the usual roots. */
  readonly certificates?: readonly string[];
  /** Milliseconds without a byte after which the exchange counts as broken. */
  readonly patience?: number;
}

/** Lets go of a body that nobody will read. What the connection says of that is no failure. */
export function discardBody({ body }: HttpAnswer): void {
  body.on('error', () => {}).destroy();
}

const MOST_REDIRECTS = 10;
const PATIENCE = 60_000;

/** Asks, following redirects. Credentials in the URL go to its own origin only. Throws `network`, `usage`, `cancelled`. */
export type HttpExchange = (question: HttpQuestion) => Promise<HttpAnswer>;

/** undici is imported at the first question: a build that fetches nothing does not pay for it. */
export function httpExchange(access: HttpAccess): HttpExchange {
  let dispatcher: Promise<Dispatcher> | undefined;
  return async (question) => {
    throwIfCancelled(question.signal);
    const { default: undici } = await import('undici');
    dispatcher ??= dispatcherFor(access);
    let url = urlOf(question.url);
    const origin = url.origin;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const headers =
        url.origin === origin ? { ...question.headers, ...credentialsOf(url) } : harmless(question.headers);
      const answer = await exchange(undici.request, bare(url), { ...question, headers }, await dispatcher);
      const next = redirectOf(url, answer);
      if (next === undefined) return answer;
      discardBody(answer);
      url = next;
    }
    throw new MkimageError(
      'network',
      `fetch \`${withoutCredentials(question.url)}\`: more than ${MOST_REDIRECTS} redirects`,
    );
  };
}

async function dispatcherFor({ proxies, certificates, patience = PATIENCE }: HttpAccess): Promise<Dispatcher> {
  // By its default export: that is all that a bundle has of a CommonJS module.
  const { Agent, EnvHttpProxyAgent } = (await import('undici')).default;
  const tls = certificates === undefined ? {} : { ca: [...(await usualRoots()), ...certificates] };
  const options = { headersTimeout: patience, bodyTimeout: patience, connect: { timeout: patience, ...tls } };
  if (proxies === undefined) return new Agent(options);
  const { http = '', https = '', none = '' } = proxies;
  return new EnvHttpProxyAgent({
    ...options,
    httpProxy: http,
    httpsProxy: https,
    noProxy: none,
    requestTls: tls,
    proxyTls: tls,
  });
}

async function usualRoots(): Promise<readonly string[]> {
  const { rootCertificates } = await import('node:tls');
  return rootCertificates;
}

async function exchange(
  request: typeof import('undici').request,
  url: URL,
  { method, headers, signal }: HttpQuestion,
  dispatcher: Dispatcher,
): Promise<HttpAnswer> {
  try {
    const { statusCode, headers: fields, body } = await request(url, { method, headers, signal, dispatcher });
    const header = (name: string) => {
      const value = fields[name];
      return Array.isArray(value) ? value[0] : value;
    };
    return { status: statusCode, header, body };
  } catch (cause) {
    throwIfCancelled(signal);
    throw broken(url.href, cause);
  }
}

/** An error of the network in our words. */
export function broken(url: string, cause: unknown): MkimageError {
  const why = cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
  return new MkimageError('network', `fetch \`${withoutCredentials(url)}\`: ${why}`, { cause });
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
