import { readdirSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RegistrySettings } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { isRoot } from '../host/index.ts';
import { type Limits, readLimits } from '../limits.ts';
import { parseSize } from '../notation/index.ts';
import { digestOf, type Platform } from '../oci/index.ts';
import type { Log } from '../progress.ts';

/** Set by `tools/bundle`; not defined if the sources run directly. */
declare const SOURCES_DIGEST: string | undefined;

/** Certificate authorities trusted in addition to the usual ones, by steps and by downloads. */
export interface Authorities {
  /** The given certificates, in DER. */
  readonly certificates: readonly Buffer[];
  /** The same in PEM, with those of NODE_EXTRA_CA_CERTS: everything trusted in addition to Node's own list. */
  readonly added: readonly string[];
  /** All trusted certificates, in PEM: for git, because its option replaces its own list. */
  readonly roots: readonly string[];
}

/** Settings of the machine and the environment; read once, here. */
export interface Config {
  /**
   * The state directory: `$MKIMAGE_ROOT`, otherwise `/var/lib/mkimage` for root, `$XDG_DATA_HOME/mkimage` for others.
   */
  readonly root: string;
  /** The platform of this machine. */
  readonly platform: Platform;
  readonly isolation: string | undefined;
  /** `$MKIMAGE_LIMIT_…`: limits for untrusted input. */
  readonly limits: Limits;
  /** `$MKIMAGE_TRUSTED_HOSTS`: hosts to which servers may redirect, even with private addresses. */
  readonly trustedHosts: readonly string[];
  /**
   * `$MKIMAGE_KEEP_STORAGE`: maximum size of the build cache in bytes; undefined: a share of the disk; Infinity: no
   * limit.
   */
  readonly keepStorage: number | undefined;
  /** Changes with every change of the program. Stored results of another version are not used. */
  readonly version: string;
  /** Variables for network access: proxies, git and its agent. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's own folder. */
  readonly home: string;
  /** `--ca`. Without it Node's own list of roots applies. */
  readonly authorities?: Authorities;
  /** How registries are reached in this run, in addition to the files of the machine. */
  readonly registries?: RegistrySettings | undefined;
  /** Takes what is told of things that serve all calls; each call has its own. */
  readonly log?: Log | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The program, and its arguments, that monitors containers in the background. */
  readonly supervisor?: readonly string[];
  /** RFC 3339 in UTC, whole seconds. */
  readonly now: () => string;
}

const ARCHITECTURES: Readonly<Record<string, Omit<Platform, 'os'>>> = {
  x64: { architecture: 'amd64' },
  arm64: { architecture: 'arm64' },
  arm: { architecture: 'arm', variant: 'v7' },
  ia32: { architecture: '386' },
  ppc64: { architecture: 'ppc64le' },
  riscv64: { architecture: 'riscv64' },
  s390x: { architecture: 's390x' },
};

/** The configuration of this process. Throws `usage` for a variable that cannot be read. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  return {
    root: resolve(environment.MKIMAGE_ROOT || defaultRoot(environment)),
    platform: { os: 'linux', ...(ARCHITECTURES[process.arch] ?? { architecture: process.arch }) },
    isolation: environment.MKIMAGE_ISOLATION || undefined,
    limits: readLimits(environment),
    trustedHosts: (environment.MKIMAGE_TRUSTED_HOSTS ?? '').split(/[\s,]+/).filter((host) => host !== ''),
    keepStorage: readKeepStorage(environment.MKIMAGE_KEEP_STORAGE),
    version: programVersion(),
    environment,
    home: environment.HOME || homedir(),
    clock: Date.now,
    now: () => new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/**
 * Digest of the sources when they run directly. In a checkout it uses modification times; the files of an npm package
 * all have the same time.
 */
function programVersion(): string {
  return typeof SOURCES_DIGEST === 'string' ? SOURCES_DIGEST : stampOf(SOURCES);
}

/** The sources of the program, relative to this file. */
const SOURCES = ['..', '../../grammar', '../../package-lock.json'];

function stampOf(paths: readonly string[]): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const lines = paths.flatMap((path) => {
    const whole = join(here, path);
    const below = statSync(whole).isDirectory() ? readdirSync(whole, { recursive: true, encoding: 'utf8' }) : [''];
    return below.map((name) => [path, name, statSync(join(whole, name)).mtimeMs].join(' '));
  });
  return digestOf(lines.sort().join('\n'));
}

function readKeepStorage(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'unlimited') return Number.POSITIVE_INFINITY;
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new MkimageError('usage', `read MKIMAGE_KEEP_STORAGE: invalid size \`${text}\``, {
    hint: 'for example `20GB`, or `unlimited`',
  });
}

function defaultRoot(environment: Readonly<Record<string, string | undefined>>): string {
  if (isRoot()) return '/var/lib/mkimage';
  return join(environment.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'mkimage');
}

/** Returns the name of the user. A user in a container may have none. */
export function readUserName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
