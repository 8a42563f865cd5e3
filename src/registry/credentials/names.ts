/** Names of registries in files of credentials: `docker.io`, `registry.example.com/team`, `https://index.docker.io/v1/`. */
import { MkimageError } from '../../errors.ts';
import { stripEnd } from '../../notation/index.ts';
import { parseReference } from '../../oci/index.ts';
import type { LoginScope } from './port.ts';

/** Docker's key for Docker Hub, from the time of the first registry protocol. */
export const HUB_KEY = 'https://index.docker.io/v1/';
const HUB = 'docker.io';
const HUB_NAMES: ReadonlySet<string> = new Set([HUB, 'index.docker.io', 'registry-1.docker.io']);

/** Reads a server as users write it for `login`: a host, a URL, or a host with the beginning of a repository. Throws `usage`. */
export function parseServer(text: string | undefined): LoginScope {
  const scope = readKey(text === undefined || text === '' ? HUB : text);
  if (isHost(scope.registry) && (scope.repository === '' || isRepository(scope))) return scope;
  throw new MkimageError('usage', `read server \`${text?.slice(0, 100)}\`: not the name of a registry`, {
    hint: 'for example `registry.example.com:5000`',
  });
}

/** Reads a key of a file. Keys with a scheme are those of old versions of Docker: the path in them means nothing. */
export function readKey(key: string): LoginScope {
  const [, scheme, rest = ''] = /^(https?:\/\/)?(.*)$/s.exec(key) ?? [];
  const slash = rest.indexOf('/');
  const host = (slash === -1 ? rest : rest.slice(0, slash)).toLowerCase();
  const path = slash === -1 || scheme !== undefined ? '' : stripEnd(rest.slice(slash + 1), '/');
  const isVersion = path === 'v1' || path === 'v2';
  return { registry: HUB_NAMES.has(host) ? HUB : host, repository: isVersion ? '' : path };
}

/** The number of characters of the repository that a scope covers; undefined: it does not cover it. Longer is more exact. */
export function measureMatch(scope: LoginScope, registry: string, repository: string): number | undefined {
  if (scope.registry !== readKey(registry).registry) return undefined;
  const covers = scope.repository === '' || `${repository}/`.startsWith(`${scope.repository}/`);
  return covers ? scope.repository.length : undefined;
}

/** The key of a scope in Docker's files, and the server's name for helper programs. */
export function dockerKeyOf({ registry, repository }: LoginScope): string {
  if (repository !== '') return `${registry}/${repository}`;
  return registry === HUB ? HUB_KEY : registry;
}

/** The key of a scope in Podman's files. */
export function podmanKeyOf({ registry, repository }: LoginScope): string {
  return repository === '' ? registry : `${registry}/${repository}`;
}

function isHost(registry: string): boolean {
  try {
    return (
      parseReference(`${registry.includes('.') || registry.includes(':') ? registry : `${registry}:1`}/x`) !== undefined
    );
  } catch {
    return false;
  }
}

function isRepository({ registry, repository }: LoginScope): boolean {
  try {
    return parseReference(`${registry}/${repository}`).repository.endsWith(repository);
  } catch {
    return false;
  }
}
