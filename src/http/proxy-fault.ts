/** Failures that are the proxy's and not the server's. */

/** What to do about it. */
export const PROXY_HINT =
  'HTTP_PROXY, HTTPS_PROXY and ALL_PROXY name the proxy; NO_PROXY names what is reached without it';

/** The proxy, without credentials, that an exchange with `url` failed at; undefined if it was not the proxy's doing. */
export function failedProxy(error: unknown, url: URL, proxy: URL | undefined): string | undefined {
  if (proxy === undefined) return undefined;
  return isOfProxy(error, proxy, url) ? `${proxy.protocol}//${proxy.host}` : undefined;
}

/** What Node says of the system's errors, and undici of a proxy that refused; looked for in causes too. */
interface SocketFault {
  readonly message?: string;
  readonly port?: number | string;
  readonly address?: string;
  readonly hostname?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

function isOfProxy(error: unknown, proxy: URL, url: URL): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { message = '', port, hostname, cause, errors = [] } = error as SocketFault;
  if (/^Proxy response|HTTP Tunneling|proxy authentication/i.test(message)) return true;
  if (hostname !== undefined && hostname === bare(proxy.hostname) && proxy.hostname !== url.hostname) return true;
  if (port !== undefined && String(port) === portOf(proxy) && proxy.host !== url.host && portOf(proxy) !== portOf(url))
    return true;
  return [cause, ...errors].some((inner) => isOfProxy(inner, proxy, url));
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}
