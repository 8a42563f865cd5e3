/** The settings of registries, with some registries that a single request calls insecure. */
import type { HostTls } from '../../http/index.ts';
import type { Reference } from '../../oci/index.ts';
import { type Endpoint, findEndpoint } from '../endpoint.ts';
import type { Route } from '../mirrored-registry.ts';
import type { RegistryHosts } from './registry-hosts.ts';

export class InsecureHosts {
  readonly #hosts: Pick<RegistryHosts, 'findEndpoint' | 'findRoute' | 'findTls'>;
  /** Also those that the configuration puts in the place of a named one. */
  readonly #names: Set<string>;

  constructor(hosts: Pick<RegistryHosts, 'findEndpoint' | 'findRoute' | 'findTls'>, names: readonly string[]) {
    this.#hosts = hosts;
    this.#names = new Set(names);
  }

  async findRoute(reference: Reference): Promise<Route> {
    const route = await this.#hosts.findRoute(reference);
    if (this.#names.has(reference.registry)) this.#names.add(route.origin.registry);
    return route;
  }

  async findEndpoint(registry: string): Promise<Endpoint> {
    const endpoint = await this.#hosts.findEndpoint(registry);
    return this.#names.has(registry) ? { ...endpoint, insecure: true } : endpoint;
  }

  async findTls(host: string): Promise<HostTls | undefined> {
    const own = await this.#hosts.findTls(host);
    const isNamed = [...this.#names].some((name) => findEndpoint(name).host === host);
    return isNamed ? { ...own, unverified: true } : own;
  }
}
