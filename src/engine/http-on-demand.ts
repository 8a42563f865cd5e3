import { readRegularFile } from '../host/index.ts';
import type { HostTls, HttpClient } from '../http/index.ts';
import type { Config } from './config.ts';

/** The only HTTP client of an engine. A build without network access does not load it. */
export interface HttpOnDemand extends AsyncDisposable {
  readonly client: () => Promise<HttpClient>;
}

/** `tlsFor` finds the TLS settings of a registry's host. */
export function httpOnDemand(config: Config, tlsFor: (host: string) => Promise<HostTls | undefined>): HttpOnDemand {
  let begun: Promise<HttpClient> | undefined;
  return {
    client: () => {
      begun ??= openClient(config, tlsFor);
      return begun;
    },
    [Symbol.asyncDispose]: async () => (await begun)?.[Symbol.asyncDispose](),
  };
}

async function openClient(config: Config, tlsFor: (host: string) => Promise<HostTls | undefined>): Promise<HttpClient> {
  const { HttpClient } = await import('../http/index.ts');
  return new HttpClient({
    proxies: proxiesOf(config),
    authorities: listAuthorities(config),
    trustedHosts: config.trustedHosts,
    tlsFor,
  });
}

/** Returns the proxy URLs of the environment; lower-case names take precedence, as in curl. */
function proxiesOf({ environment }: Config): { http?: string; https?: string; none?: string } {
  const value = (name: string): string | undefined => environment[name] || environment[name.toUpperCase()] || undefined;
  const all = value('all_proxy');
  const found = { http: value('http_proxy') ?? all, https: value('https_proxy') ?? all, none: value('no_proxy') };
  return Object.fromEntries(Object.entries(found).filter(([, url]) => url !== undefined));
}

const MOST_BYTES = 16 * 1024 * 1024;

/**
 * PEM of everything that downloads trust in addition to Node's list: `--ca`, `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS`. Node 20
 * ignores the last one for hosts with their own authorities. As in Node, a missing file is no error.
 */
function listAuthorities({ authorities, environment }: Pick<Config, 'authorities' | 'environment'>): string[] {
  const files = [environment.SSL_CERT_FILE, ...(authorities === undefined ? [environment.NODE_EXTRA_CA_CERTS] : [])];
  return [...new Set([...(authorities?.added ?? []), ...files.flatMap((path) => (path ? readPem(path) : []))])];
}

function readPem(path: string): readonly string[] {
  try {
    const text = readRegularFile(path, MOST_BYTES).toString('utf8');
    return text.includes('-----BEGIN') ? [text] : [];
  } catch {
    return [];
  }
}
