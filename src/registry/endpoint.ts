import { isLoopbackHost } from '../http/index.ts';
import { stripEnd } from '../notation/index.ts';

/** Where a registry's API is served. */
export interface Endpoint {
  /** As written in references: `docker.io`, `localhost:5000`; for some mirrors a URL. */
  readonly registry: string;
  /** `host[:port]` of the API. */
  readonly host: string;
  /** The path before `/v2/`, without a slash at its end; mostly empty. */
  readonly path: string;
  /** Set if the configuration names the scheme. Otherwise plain HTTP is tried only after TLS failed, where it is allowed. */
  readonly scheme: 'https:' | 'http:' | undefined;
  /** True on this machine. Plain HTTP is allowed. */
  readonly loopback: boolean;
  /** The configuration allows plain HTTP and certificates that nobody verifies. */
  readonly insecure: boolean;
}

/** Docker Hub serves its API on another host. For all other registries the name is the host. A mirror may be named by its URL. */
export function findEndpoint(registry: string, insecure = false): Endpoint {
  const isUrl = /^https?:\/\//.test(registry);
  const url = new URL(isUrl ? registry : `https://${findHost(registry)}`);
  return {
    registry,
    host: isUrl ? url.host : findHost(registry),
    path: isUrl ? stripEnd(url.pathname, '/') : '',
    scheme: isUrl ? (url.protocol as 'https:' | 'http:') : undefined,
    loopback: isLoopbackHost(url.hostname),
    insecure,
  };
}

function findHost(registry: string): string {
  return registry === 'docker.io' || registry === 'index.docker.io' ? 'registry-1.docker.io' : registry;
}
