/**
 * Cache mounts are ordinary directories of the store: `mounts-v1/<sha256 of id>/<n>/` with the lock `<n>.lock/` beside
 * it. The file `id` beside them contains the id; its modification time is when a step last used the mount. `shared`
 * uses number 0 without a lock, `locked` waits for 0, `private` takes the first free number.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { throwIfCancelled } from '../../errors.ts';
import { isRoot, removeTree } from '../../host/index.ts';
import { digestOf, encodedOf, formatCanonicalJson } from '../../oci/index.ts';
import type { RunMount } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { TryLock } from '../services.ts';

export type CacheMount = Extract<RunMount, { readonly type: 'cache' }>;

export interface HeldCacheMount extends AsyncDisposable {
  readonly directory: string;
}

export interface CacheMountHome {
  readonly folder: string;
  readonly tryLock: TryLock;
  readonly now: () => string;
  /** On the same file system as `folder`. Prune removes what a killed build leaves there. */
  readonly scratch: string;
  /** Writes the initial content (`from=`) into a directory that no other step can see yet. */
  readonly fill: (directory: string) => Promise<void>;
  /** Brings the files of another machine into an empty directory instead. Returns false, and leaves any files, if there are none. */
  readonly restore?: ((mount: StoredMount, directory: string) => Promise<boolean>) | undefined;
}

/** A cache mount as its folder in the store is named. */
export interface StoredMount {
  readonly key: string;
  readonly id: string;
}

const LOCK_PATIENCE_MS = 500;

/** Opens the directory of a cache mount by its sharing mode. The id only becomes a digest, never a path. */
export async function openCacheMount(where: CacheMountHome, mount: CacheMount, call: Call): Promise<HeldCacheMount> {
  const home = join(where.folder, keyOfCacheMount(mount));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  noteUse(join(home, 'id'), mount.id, new Date(where.now()));
  if (mount.sharing === 'shared') return held(where, mount, { home, number: 0, lock: undefined });
  if (mount.sharing === 'locked')
    return held(where, mount, { home, number: 0, lock: await waitForLock(where, join(home, '0.lock'), call) });
  for (let number = 0; ; number++) {
    const lock = await where.tryLock(join(home, `${number}.lock`), 0);
    if (lock) return held(where, mount, { home, number, lock });
  }
}

function noteUse(file: string, id: string, now: Date): void {
  if (!existsSync(file)) writeFileSync(file, id, { mode: 0o600 });
  utimesSync(file, now, now);
}

/** The name of the folder of a cache mount, the same on every machine. */
export function keyOfCacheMount(mount: CacheMount): string {
  return encodedOf(digestOf(identityOf(mount)));
}

/** As in BuildKit, mounts with different initial content or owner are different caches, even with the same id. */
function identityOf({ id, uid, gid, mode, from, source }: CacheMount): string {
  return formatCanonicalJson({ id, uid, gid, mode, from: from && { ...from, source } });
}

async function waitForLock(where: CacheMountHome, folder: string, call: Call): Promise<AsyncDisposable> {
  for (;;) {
    throwIfCancelled(call.signal);
    const lock = await where.tryLock(folder, LOCK_PATIENCE_MS);
    if (lock) return lock;
  }
}

interface MountSlot {
  readonly home: string;
  readonly number: number;
  readonly lock: AsyncDisposable | undefined;
}

async function held(
  where: CacheMountHome,
  mount: CacheMount,
  { home, number, lock }: MountSlot,
): Promise<HeldCacheMount> {
  const directory = join(home, String(number));
  try {
    if (!existsSync(directory))
      await makeFilled({ ...where, ...(number > 0 && { restore: undefined }) }, directory, mount);
  } catch (error) {
    await lock?.[Symbol.asyncDispose]();
    throw error;
  }
  return { directory, [Symbol.asyncDispose]: async () => lock?.[Symbol.asyncDispose]() };
}

/**
 * Creates the directory elsewhere, fills it and renames it. A step that shares the mount must never see it half filled
 * and must not be able to add links while it is filled. If two builds create it at the same time, one wins.
 */
async function makeFilled(
  { fill, restore, scratch }: CacheMountHome,
  directory: string,
  mount: CacheMount,
): Promise<void> {
  const making = mkdtempSync(join(scratch, 'cache-'));
  try {
    const isRestored = await restore?.({ key: keyOfCacheMount(mount), id: mount.id }, making);
    if (isRestored !== true) {
      emptyDirectory(making);
      await fill(making);
    }
    if (isRoot()) chownSync(making, mount.uid, mount.gid);
    chmodSync(making, mount.mode);
    if (!existsSync(directory)) renameSync(making, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  } finally {
    removeTree(making);
  }
}

function emptyDirectory(directory: string): void {
  removeTree(directory);
  mkdirSync(directory, { mode: 0o700 });
}
