/** Opens registries with the credentials of one user. Their code is imported at the first request. */
import { once } from '../content/index.ts';
import type { HttpClient } from '../http/index.ts';
import type { RegistryHosts } from '../registry/hosts/registry-hosts.ts';
import type { CredentialStore, Registry } from '../registry/index.ts';
import { type CacheServices, createCacheServices } from './cache-services.ts';
import type { Config } from './config.ts';
import { type HttpOnDemand, httpOnDemand } from './http-on-demand.ts';
import { listRegistryFiles } from './registry-files.ts';
import { registryOnDemand } from './registry-on-demand.ts';

/** What belongs to all users of an engine. */
export interface RegistryTools extends AsyncDisposable {
  readonly config: Config;
  readonly http: HttpOnDemand;
  readonly hosts: () => Promise<RegistryHosts>;
  /** Clients that were opened for insecure registries. */
  readonly others: HttpOnDemand[];
}

export interface RegistryServices {
  readonly registry: Registry;
  /** The same, but the named registries may be reached by plain HTTP, and with certificates that nobody verifies. */
  readonly insecureRegistry: (names: readonly string[]) => Registry;
  /** Caches outside the store. */
  readonly caches: CacheServices;
}

export function openRegistryTools(config: Config): RegistryTools {
  const hosts = once(() => openHosts(config));
  const http = httpOnDemand(config, async (host) => (await hosts()).findTls(host));
  const others: HttpOnDemand[] = [];
  const close = async () => void (await Promise.all([http, ...others].map((each) => each[Symbol.asyncDispose]())));
  return { config, hosts, http, others, [Symbol.asyncDispose]: close };
}

type Finder = Pick<CredentialStore, 'find'>;

export function createRegistryServices(tools: RegistryTools, own: Finder): RegistryServices {
  const { config, http, hosts } = tools;
  const registry = registryOnDemand(once(async () => openRegistry(await http.client(), await hosts(), own)));
  const insecure = new Map<string, Registry>();
  const insecureRegistry = (names: readonly string[]): Registry => {
    const key = names.toSorted().join(' ');
    const opened = insecure.get(key) ?? openInsecure(tools, names, own);
    insecure.set(key, opened);
    return opened;
  };
  const caches = createCacheServices({ http: http.client, registry, insecureRegistry, now: config.now });
  return { registry, insecureRegistry, caches };
}

/** Has an own client, because connections without verification must not serve other requests. */
function openInsecure({ config, hosts, others }: RegistryTools, names: readonly string[], own: Finder): Registry {
  const allowed = once(async () => {
    const { InsecureHosts } = await import('../registry/hosts/insecure-hosts.ts');
    return new InsecureHosts(await hosts(), names);
  });
  const http = httpOnDemand(config, async (host) => (await allowed()).findTls(host));
  others.push(http);
  return registryOnDemand(once(async () => openRegistry(await http.client(), await allowed(), own)));
}

async function openRegistry(
  http: HttpClient,
  hosts: Pick<RegistryHosts, 'findEndpoint' | 'findRoute'>,
  { find }: Finder,
): Promise<Registry> {
  const [{ RegistryClient }, { createMirroredRegistry }] = await Promise.all([
    import('../registry/client.ts'),
    import('../registry/mirrored-registry.ts'),
  ]);
  const findEndpoint = (name: string) => hosts.findEndpoint(name);
  const client = new RegistryClient({ http, credentials: find, findEndpoint });
  return createMirroredRegistry(client, (reference) => hosts.findRoute(reference));
}

async function openHosts(config: Config): Promise<RegistryHosts> {
  const { RegistryHosts } = await import('../registry/hosts/registry-hosts.ts');
  return new RegistryHosts({ ...listRegistryFiles(config), given: config.registries });
}
