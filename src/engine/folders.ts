/** The table of what lies below the root: nothing else names a folder there. docs/architecture.md ("On disk") shows it. */
import type { UsageKind } from '../api/index.ts';
import { STORE_PLACES } from '../store/index.ts';

/** When something goes that only saves time, or that nobody may want any more. */
export interface Retention {
  /** Days since it was last of use. */
  readonly days: number;
  /** Bytes of the disk that all of it may take; the longest unused goes first. undefined: the bound on the whole cache holds. */
  readonly mostBytes: number | undefined;
  /** Names of what is whole; the rest was left by a killed build. */
  readonly whole: RegExp;
}

/** How it is found out that something is not needed any more. */
export type Garbage =
  | { readonly kind: 'unreached' } // neither an image nor a record of a step leads there
  | { readonly kind: 'user-says' } // only by request
  | { readonly kind: 'aged'; readonly retention: Retention }
  | { readonly kind: 'unowned' } // all of it, while nobody is at work
  | { readonly kind: 'none' };

/** What `mkimage store check` does: it reads it, or says why there is nothing to compare with. */
export type Check = { readonly kind: 'read' } | { readonly kind: 'none'; readonly why: string };

export interface StateFolder {
  /** Below the root. The number is that of the format: another format is another folder, and a lower one is garbage. */
  readonly path: string;
  readonly usage: UsageKind;
  readonly garbage: Garbage;
  readonly check: Check;
}

const MIB = 2 ** 20;
const READ: Check = { kind: 'read' };
const unchecked = (why: string): Check => ({ kind: 'none', why });

function aged(days: number, whole: RegExp, mostBytes?: number): Garbage {
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
    check: unchecked('what steps have put there'),
  },
  downloads: {
    path: 'http-v1',
    usage: 'fetched-sources',
    garbage: aged(30, /^[0-9a-f]{64}(?:\.json)?$/),
    check: READ,
  },
  checkouts: {
    path: 'git-v1',
    usage: 'fetched-sources',
    garbage: aged(30, /^[0-9a-f]{64}(?:\.(?:time|stat|bytes))?$/),
    check: unchecked('checkouts, which git has checked when it made them'),
  },
  parsed: { path: 'parsed-v1', usage: 'memories', garbage: aged(30, /^[0-9a-f]{64}\.json$/, 64 * MIB), check: READ },
  contexts: { path: 'stat-cache-v1', usage: 'memories', garbage: aged(30, /^[0-9a-f]{64}$/, 256 * MIB), check: READ },
  probes: {
    path: 'probes-v1',
    usage: 'memories',
    garbage: aged(30, /^probe-[a-z]+\.json$/, MIB),
    check: unchecked('an answer of this machine, believed until it starts again'),
  },
  certificates: {
    path: 'certificates-v1',
    usage: 'memories',
    garbage: aged(30, /^[0-9a-f]{64}\.pem$/, 64 * MIB),
    check: READ,
  },
  logs: {
    path: 'logs',
    usage: 'logs',
    garbage: aged(14, /./, 256 * MIB),
    check: unchecked('what steps have printed'),
  },
  locks: {
    path: STORE_PLACES.locks,
    usage: 'bookkeeping',
    garbage: { kind: 'none' },
    check: unchecked('who is at work'),
  },
  temporary: {
    path: STORE_PLACES.temporary,
    usage: 'temporary',
    garbage: { kind: 'unowned' },
    check: unchecked('half made'),
  },
  index: {
    path: STORE_PLACES.index,
    usage: 'bookkeeping',
    garbage: { kind: 'none' },
    check: unchecked('a copy of `images/index.json`, which is read in its place'),
  },
} satisfies Readonly<Record<string, StateFolder>>;

/** A folder of the state directory, by what it is for. */
export type FolderId = keyof typeof FOLDERS;
