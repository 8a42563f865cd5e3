import { isLoopbackHost } from '../http/index.ts';

/** Where a registry's API is served. */
export interface Endpoint {
  /** As it stands in references: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** `host[:port]` that is connected to. */
  readonly host: string;
  /** Plain HTTP is tried only here, and only after TLS was not answered. */
  readonly loopback: boolean;
}

/** Docker Hub serves its API under a name of its own; every other registry's name is its host. */
export function endpointOf(registry: string): Endpoint {
  const host = registry === 'docker.io' || registry === 'index.docker.io' ? 'registry-1.docker.io' : registry;
  return { registry, host, loopback: isLoopbackHost(new URL(`https://${host}`).hostname) };
}
