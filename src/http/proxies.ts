/** Which proxy a URL is reached through: curl's rules, and Go's one that this machine itself never is. */
import { BlockList, isIP } from 'node:net';
import { MkimageError } from '../errors.ts';
import { isLoopbackHost } from './address.ts';

/** Proxy URLs by the scheme of what is reached, and what is reached without one, as in `NO_PROXY`. */
export interface ProxySettings {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly none?: string | undefined;
}

/** The proxy; undefined: none. Throws `usage` for a proxy that is none. */
export function proxyFor(url: URL, settings: ProxySettings | undefined): URL | undefined {
  const text = url.protocol === 'https:' ? settings?.https : settings?.http;
  if (text === undefined || text === '' || isLoopbackHost(url.hostname)) return undefined;
  return isWithoutProxy(url, settings?.none ?? '') ? undefined : proxyIn(text);
}

/** A proxy without a scheme is an HTTP one. */
function proxyIn(text: string): URL {
  const whole = text.includes('://') ? text : `http://${text}`;
  const proxy = URL.canParse(whole) ? new URL(whole) : undefined;
  if (proxy !== undefined && /^(https?|socks5?):$/.test(proxy.protocol)) return proxy;
  const shown = whole.replace(/\/\/[^/]*@/, '//');
  throw new MkimageError('usage', `use proxy \`${shown}\`: it is no address of an http, https or socks5 proxy`);
}

/**
 * True if the list (commas or spaces between) holds `*`, the host or a domain above it, with or without a dot before, or the
 * block of addresses that it lies in. A port after a name narrows it.
 */
function isWithoutProxy(url: URL, list: string): boolean {
  const host = bareHost(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const [, name = entry, only] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  if (isIP(host) !== 0) return isInBlock(bareHost(name), host);
  const domain = bareHost(name.replace(/^\*?\./, ''));
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

function bareHost(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
