/**
 * The table of everything below the root: no other code names a folder there. docs/architecture.md ("On disk") shows
 * it.
 */
import type { UsageKind } from '../api/index.ts';
import { STORE_PLACES } from '../store/index.ts';

/** When data is removed that only saves time or is no longer useful. */
export interface Retention {
  /** Days since the last use. */
  readonly days: number;
  /**
   * Maximum size on disk of all of it in bytes; the longest unused is removed first. undefined: only the limit of the
   * whole cache applies.
   */
  readonly mostBytes: number | undefined;
  /** Matches the names of complete data; other names were left by a killed build. */
  readonly whole: RegExp;
}

/** How data is found to be unused. */
export type Garbage =
  | { readonly kind: 'unreached' } // neither an image nor a record of a step leads there
  | { readonly kind: 'user-says' } // only by request
  | { readonly kind: 'aged'; readonly retention: Retention }
  | { readonly kind: 'unowned' } // all of it, while no process works
  | { readonly kind: 'none' };

/** What `mkimage store check` does: reads it, or says why nothing can be verified. */
export type Check = { readonly kind: 'read' } | { readonly kind: 'none'; readonly why: string };

export interface StateFolder {
  /**
   * Below the root. The number is the version of the format: a new format gets a new folder, and folders with lower
   * numbers are garbage.
   */
  readonly path: string;
  readonly usage: UsageKind;
  readonly garbage: Garbage;
  readonly check: Check;
}

const MIB = 2 ** 20;
const READ: Check = { kind: 'read' };
const skipCheck = (why: string): Check => ({ kind: 'none', why });

function keepFor(days: number, whole: RegExp, mostBytes?: number): Garbage {
  return { kind: 'aged', retention: { days, mostBytes, whole } };
}

export const FOLDERS = {
  images: { path: STORE_PLACES.images, usage: 'images', garbage: { kind: 'unreached' }, check: READ },
  forms: { path: STORE_PLACES.forms, usage: 'build-cache', garbage: { kind: 'unreached' }, check: READ },
  listings: { path: 'trees-v1', usage: 'layer-listings', garbage: { kind: 'unreached' }, check: READ },
  records: { path: 'cache-v1', usage: 'build-cache', garbage: { kind: 'unreached' }, check: READ },
  unpacked: { path: 'snapshots-v1', usage: 'unpacked-layers', garbage: { kind: 'unreached' }, check: READ },
  mounts: {
    path: 'mounts-v1',
    usage: 'cache-mounts',
    garbage: { kind: 'user-says' },
    check: skipCheck('written by steps'),
  },
  downloads: {
    path: 'http-v1',
    usage: 'fetched-sources',
    garbage: keepFor(30, /^[0-9a-f]{64}(?:\.json)?$/),
    check: READ,
  },
  checkouts: {
    path: 'git-v1',
    usage: 'fetched-sources',
    garbage: keepFor(30, /^[0-9a-f]{64}(?:\.(?:time|stat|bytes))?$/),
    check: skipCheck('checkouts, verified by git when they were made'),
  },
  containers: {
    path: 'containers-v1',
    usage: 'containers',
    garbage: { kind: 'user-says' },
    check: skipCheck('written by containers'),
  },
  volumes: {
    path: 'volumes-v1',
    usage: 'volumes',
    garbage: { kind: 'user-says' },
    check: skipCheck('written by containers'),
  },
  networks: {
    path: 'networks-v1',
    usage: 'bookkeeping',
    garbage: { kind: 'none' },
    check: skipCheck('the networks of containers'),
  },
  parsed: { path: 'parsed-v1', usage: 'memories', garbage: keepFor(30, /^[0-9a-f]{64}\.json$/, 64 * MIB), check: READ },
  contexts: {
    path: 'stat-cache-v1',
    usage: 'memories',
    garbage: keepFor(30, /^[0-9a-f]{64}$/, 256 * MIB),
    check: READ,
  },
  probes: {
    path: 'probes-v1',
    usage: 'memories',
    garbage: keepFor(30, /^probe-[a-z]+\.json$/, MIB),
    check: skipCheck('an answer of this machine, valid until it restarts'),
  },
  certificates: {
    path: 'certificates-v1',
    usage: 'memories',
    garbage: keepFor(30, /^[0-9a-f]{64}\.pem$/, 64 * MIB),
    check: READ,
  },
  origins: {
    path: 'origins-v1',
    usage: 'memories',
    garbage: keepFor(90, /^[0-9a-f]{64}\.json$/, 16 * MIB),
    check: skipCheck('repositories that had a layer; their registries are asked again'),
  },
  logs: {
    path: 'logs',
    usage: 'logs',
    garbage: keepFor(14, /./, 256 * MIB),
    check: skipCheck('the output of steps'),
  },
  locks: {
    path: STORE_PLACES.locks,
    usage: 'bookkeeping',
    garbage: { kind: 'none' },
    check: skipCheck('locks of running processes'),
  },
  temporary: {
    path: STORE_PLACES.temporary,
    usage: 'temporary',
    garbage: { kind: 'unowned' },
    check: skipCheck('incomplete data'),
  },
  index: {
    path: STORE_PLACES.index,
    usage: 'bookkeeping',
    garbage: { kind: 'none' },
    check: skipCheck('a copy of `images/index.json`, which is checked instead'),
  },
} satisfies Readonly<Record<string, StateFolder>>;

/** The id of a folder of the state directory. */
export type FolderId = keyof typeof FOLDERS;
