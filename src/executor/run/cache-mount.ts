/**
 * Cache mounts are ordinary directories of the store: `mounts-v1/<sha256 of id>/<n>/` with the lock `<n>.lock/` beside it.
 * The file `id` beside them holds the id, and its modification time says when a step last had the mount.
 * `shared` uses number 0 without a lock, `locked` waits for 0, `private` takes the first number nobody holds.
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
import { canonicalJson, digestOf, encodedOf } from '../../oci/index.ts';
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
  /** On the same file system as `folder`; what a killed build leaves there is pruned. */
  readonly scratch: string;
  /** Puts the first content (`from=`) into a directory that nobody else sees yet. */
  readonly fill: (directory: string) => Promise<void>;
}

const LOCK_PATIENCE_MS = 500;

/** Opens the directory of a cache mount under its sharing rule. The id only ever becomes a digest, never a path. */
export async function openCacheMount(where: CacheMountHome, mount: CacheMount, call: Call): Promise<HeldCacheMount> {
  const home = join(where.folder, encodedOf(digestOf(identityOf(mount))));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  noteUse(join(home, 'id'), mount.id, new Date(where.now()));
  if (mount.sharing === 'shared') return held(where, home, 0, mount, undefined);
  if (mount.sharing === 'locked')
    return held(where, home, 0, mount, await waitForLock(where, join(home, '0.lock'), call));
  for (let number = 0; ; number++) {
    const lock = await where.tryLock(join(home, `${number}.lock`), 0);
    if (lock) return held(where, home, number, mount, lock);
  }
}

function noteUse(file: string, id: string, now: Date): void {
  if (!existsSync(file)) writeFileSync(file, id, { mode: 0o600 });
  utimesSync(file, now, now);
}

/** As in BuildKit, mounts that would begin with other content or another owner are different caches, whatever their id. */
function identityOf({ id, uid, gid, mode, from, source }: CacheMount): string {
  return canonicalJson({ id, uid, gid, mode, from: from && { ...from, source } });
}

async function waitForLock(where: CacheMountHome, folder: string, call: Call): Promise<AsyncDisposable> {
  for (;;) {
    throwIfCancelled(call.signal);
    const lock = await where.tryLock(folder, LOCK_PATIENCE_MS);
    if (lock) return lock;
  }
}

async function held(
  where: CacheMountHome,
  home: string,
  number: number,
  mount: CacheMount,
  lock: AsyncDisposable | undefined,
): Promise<HeldCacheMount> {
  const directory = join(home, String(number));
  try {
    if (!existsSync(directory)) await makeFilled(where, directory, mount);
  } catch (error) {
    await lock?.[Symbol.asyncDispose]();
    throw error;
  }
  return { directory, [Symbol.asyncDispose]: async () => lock?.[Symbol.asyncDispose]() };
}

/**
 * Appears whole or not at all: a step that shares it must never see it half filled, and must not be able to put links into
 * it while it is being filled. Of two that make it at once, one wins.
 */
async function makeFilled({ fill, scratch }: CacheMountHome, directory: string, mount: CacheMount): Promise<void> {
  const making = mkdtempSync(join(scratch, 'cache-'));
  try {
    await fill(making);
    if (isRoot()) chownSync(making, mount.uid, mount.gid);
    chmodSync(making, mount.mode);
    if (!existsSync(directory)) renameSync(making, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  } finally {
    removeTree(making);
  }
}
