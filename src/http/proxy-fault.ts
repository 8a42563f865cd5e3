/** Finds out whether a failure comes from the proxy or from the server. */

/** Hint for failures of a proxy. */
export const PROXY_HINT =
  'HTTP_PROXY, HTTPS_PROXY and ALL_PROXY name the proxy; NO_PROXY names what is reached without it';

/** The proxy, without credentials, that made a request to `url` fail; undefined if the proxy did not cause the failure. */
export function findFailedProxy(error: unknown, url: URL, proxy: URL | undefined): string | undefined {
  if (proxy === undefined) return undefined;
  return isProxyFault(error, proxy, url) ? `${proxy.protocol}//${proxy.host}` : undefined;
}

/** Matches Node's system errors and undici's error for a refusing proxy; causes are searched too. */
interface SocketFault {
  readonly message?: string;
  readonly port?: number | string;
  readonly address?: string;
  readonly hostname?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

function isProxyFault(error: unknown, proxy: URL, url: URL): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { message = '', port, hostname, cause, errors = [] } = error as SocketFault;
  if (/^Proxy response|HTTP Tunneling|proxy authentication/i.test(message)) return true;
  if (hostname !== undefined && hostname === stripBrackets(proxy.hostname) && proxy.hostname !== url.hostname)
    return true;
  if (port !== undefined && String(port) === portOf(proxy) && proxy.host !== url.host && portOf(proxy) !== portOf(url))
    return true;
  return [cause, ...errors].some((inner) => isProxyFault(inner, proxy, url));
}

function stripBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}
