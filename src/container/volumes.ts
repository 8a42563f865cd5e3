import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { VolumeDetails } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { createOwnedName, FileLock, removeTree } from '../host/index.ts';
import { formatTime } from './home.ts';

export interface VolumeHome {
  /** `<root>/volumes-v1`. */
  readonly directory: string;
  readonly clock: () => number;
}

export interface NewVolume {
  /** undefined: an anonymous volume. */
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const RECORD = 'volume.json';
const DATA = '_data';
const ANONYMOUS = 'com.docker.volume.anonymous';
const PATIENCE_MS = 30_000;

/** Creates a volume, or returns the one of this name. */
export async function createVolume(home: VolumeHome, { name, labels }: NewVolume): Promise<VolumeDetails> {
  if (name !== undefined && !NAME.test(name)) {
    throw new MkimageError(
      'usage',
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. ` +
        'If you intended to pass a host directory, use absolute path',
    );
  }
  return holdVolumes(home, async () => {
    const known = name === undefined ? undefined : readVolume(home, name);
    return (
      known ??
      makeVolume(
        home,
        name ?? randomBytes(32).toString('hex'),
        name === undefined ? { ...labels, [ANONYMOUS]: '' } : labels,
      )
    );
  });
}

function makeVolume(home: VolumeHome, name: string, labels: Readonly<Record<string, string>>): VolumeDetails {
  const record = { name, created: formatTime(home.clock()), labels };
  const making = join(home.directory, createOwnedName('volume'));
  mkdirSync(join(making, DATA), { recursive: true, mode: 0o700 });
  chmodSync(join(making, DATA), 0o755);
  writeFileSync(join(making, RECORD), JSON.stringify(record), { mode: 0o600 });
  renameSync(making, join(home.directory, name));
  return detailsOf(home, record);
}

function holdVolumes<T>(home: VolumeHome, work: () => Promise<T>): Promise<T> {
  mkdirSync(home.directory, { recursive: true, mode: 0o700 });
  return new FileLock(join(home.directory, '.lock')).hold(PATIENCE_MS, work);
}

interface VolumeRecord {
  readonly name: string;
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
}

function detailsOf(home: VolumeHome, { name, created, labels }: VolumeRecord): VolumeDetails {
  return {
    CreatedAt: created,
    Driver: 'local',
    Labels: labels,
    Mountpoint: join(home.directory, name, DATA),
    Name: name,
    Options: {},
    Scope: 'local',
  };
}

export function readVolume(home: VolumeHome, name: string): VolumeDetails | undefined {
  if (!NAME.test(name)) return undefined;
  try {
    return detailsOf(home, JSON.parse(readFileSync(join(home.directory, name, RECORD), 'utf8')) as VolumeRecord);
  } catch {
    return undefined;
  }
}

export function listVolumes(home: VolumeHome): readonly VolumeDetails[] {
  try {
    return readdirSync(home.directory)
      .sort()
      .flatMap((name) => readVolume(home, name) ?? []);
  } catch {
    return [];
  }
}

export function isAnonymous({ Labels }: VolumeDetails): boolean {
  return Object.hasOwn(Labels, ANONYMOUS);
}

/** Throws `not-found`. The caller checks that no container uses it. */
export async function removeVolume(home: VolumeHome, name: string): Promise<void> {
  await holdVolumes(home, async () => {
    if (readVolume(home, name) === undefined) throw new MkimageError('not-found', `get ${name}: no such volume`);
    const doomed = join(home.directory, createOwnedName('removed'));
    renameSync(join(home.directory, name), doomed);
    removeTree(doomed);
  });
}

/** Gives an empty volume the content, owner and mode of a directory of the image. */
export async function fillVolume(
  volume: VolumeDetails,
  source: string,
  fill: (target: string) => Promise<void>,
): Promise<void> {
  if (readdirSync(volume.Mountpoint).length > 0) return;
  const stats = lstatSync(source);
  await fill(volume.Mountpoint);
  chownSync(volume.Mountpoint, stats.uid, stats.gid);
  chmodSync(volume.Mountpoint, stats.mode & 0o7777);
}
