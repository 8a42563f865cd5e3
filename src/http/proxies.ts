/** Chooses the proxy for a URL by curl's rules. As in Go, this machine is never reached through a proxy. */
import { BlockList, isIP } from 'node:net';
import { MkimageError } from '../errors.ts';
import { isLoopbackHost } from './address.ts';

/** Proxy URLs by the scheme of the request, and the hosts that need none, as in `NO_PROXY`. */
export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly none?: string | undefined;
}

/** The proxy for a URL; undefined: none. Throws `usage` for an invalid proxy URL. */
export function findProxy(url: URL, settings: ProxySettings | undefined): URL | undefined {
  const text = url.protocol === 'https:' ? settings?.https : settings?.http;
  if (text === undefined || text === '' || isLoopbackHost(url.hostname)) return undefined;
  return isWithoutProxy(url, settings?.none ?? '') ? undefined : parseProxy(text);
}

/** A proxy URL without a scheme is an HTTP proxy. */
function parseProxy(text: string): URL {
  const whole = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(whole) ? new URL(whole) : undefined;
  if (proxy !== undefined && /^(https?|socks5?):$/.test(proxy.protocol)) return proxy;
  const shown = whole.replace(/\/\/[^/]*@/, '//');
  throw new MkimageError('usage', `use proxy \`${shown}\`: not the address of an http, https or socks5 proxy`);
}

/**
 * True if the list (separated by commas or spaces) has `*`, the host, one of its parent domains (with or without a leading dot)
 * or an address block that contains it. An entry with a port matchesHost this port only.
 */
function isWithoutProxy(url: URL, list: string): boolean {
  const host = normalizeHost(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matchesHost(entry.toLowerCase(), host, port));
}

function matchesHost(entry: string, host: string, port: string): boolean {
  const [, name = entry, only] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  if (isIP(host) !== 0) return isInBlock(normalizeHost(name), host);
  const domain = normalizeHost(name.replace(/^\*?\./, ''));
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function isInBlock(block: string, host: string): boolean {
  const [address = '', bits] = block.split('/');
  const version = isIP(address);
  if (version === 0 || version !== isIP(host)) return false;
  const most = version === 6 ? 128 : 32;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const blocks = new BlockList();
  blocks.addSubnet(address, bits === undefined ? most : Number(bits), family);
  return blocks.check(host, family);
}

function normalizeHost(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
