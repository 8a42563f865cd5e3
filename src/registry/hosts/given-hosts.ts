/** What one run says about registries, in addition to the files of the machine. */
import { MkimageError } from '../../errors.ts';
import { readRegularFile } from '../../host/index.ts';
import type { HostTls } from '../../http/index.ts';
import { findEndpoint } from '../endpoint.ts';
import type { RegistryRule } from './registries-conf.ts';

const MOST_BYTES = 4 * 1024 * 1024;

export interface GivenHosts {
  /** `host[:port]`, or `*` for every registry. */
  readonly insecure: readonly string[];
  readonly mirrors: readonly GivenMirrors[];
  readonly certificates: readonly GivenCertificate[];
}

export interface GivenMirrors {
  readonly registry: string;
  /** `host[:port][/path]`, asked in this order. */
  readonly locations: readonly string[];
  /** The registry itself is never asked. */
  readonly isExclusive: boolean;
}

export interface GivenCertificate {
  readonly host: string;
  /** Absolute paths of PEM files: an authority, or a certificate of this client with its key. */
  readonly authority?: string | undefined;
  readonly identity?: { readonly certificate: string; readonly key: string } | undefined;
}

/** Mirrors as a rule of `registries.conf`. If they are exclusive, the last one takes the place of the registry. */
export function toRule({ registry, locations, isExclusive }: GivenMirrors): RegistryRule {
  const names = isExclusive ? locations.slice(0, -1) : locations;
  const mirrors = names.map((location) => ({ location, insecure: false, pulls: 'all' as const }));
  const location = (isExclusive ? locations.at(-1) : undefined) ?? registry;
  return { prefix: registry, location, insecure: false, blocked: false, mirrors };
}

export function isInsecureByGiven(given: GivenHosts | undefined, host: string): boolean {
  return (given?.insecure ?? []).some((name) => name === '*' || isApiOf(name, host));
}

/** `registry` is a name as in references. Docker Hub has its API on another host. */
function isApiOf(registry: string, host: string): boolean {
  return findEndpoint(registry).host === host;
}

/** Throws `usage` for a file that cannot be read. */
export function addGivenTls(
  own: HostTls | undefined,
  given: GivenHosts | undefined,
  host: string,
): HostTls | undefined {
  const mine = (given?.certificates ?? []).filter((each) => isApiOf(each.host, host));
  if (mine.length === 0) return own;
  const authorities = mine.flatMap(({ authority }) => (authority === undefined ? [] : readPem(authority)));
  const [identity] = mine.flatMap((each) => each.identity ?? []);
  return {
    ...own,
    authorities: [...(own?.authorities ?? []), ...authorities],
    ...(identity === undefined
      ? {}
      : { identity: { certificate: readPem(identity.certificate), key: readPem(identity.key) } }),
  };
}

function readPem(path: string): string {
  try {
    return readRegularFile(path, MOST_BYTES).toString('utf8');
  } catch (error) {
    throw new MkimageError('usage', `read certificate \`${path}\`: ${(error as Error).message}`);
  }
}
