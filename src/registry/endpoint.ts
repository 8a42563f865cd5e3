import { isLoopbackHost } from '../http/index.ts';

/** Where a registry's API is served. */
export interface Endpoint {
  /** As written in references: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** `host[:port]` of the API. */
  readonly host: string;
  /** True on this machine. Only then plain HTTP is tried, after TLS failed. */
  readonly loopback: boolean;
}

/** Docker Hub serves its API on another host. For all other registries the name is the host. */
export function findEndpoint(registry: string): Endpoint {
  const host = registry === 'docker.io' || registry === 'index.docker.io' ? 'registry-1.docker.io' : registry;
  return { registry, host, loopback: isLoopbackHost(new URL(`https://${host}`).hostname) };
}
