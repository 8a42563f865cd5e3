import { setTimeout as sleep } from 'node:timers/promises';
import type { PathChange } from '../../api/index.ts';
import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import type { Change } from '../../layer/index.ts';
import type { Call } from '../../progress.ts';
import { findAt } from '../life/container-tree.ts';
import { isAlive, settle } from '../life/settle.ts';
import type { RootPlace } from './held-root.ts';

export interface ContainerChanges {
  /** Sorted, parents first; with the parents of changes. Read once. */
  readonly changes: Iterable<Change>;
  kindOf(change: Change): PathChange;
}

/**
 * Does work on what a container has written over its image. Its processes are frozen meanwhile, because what they change could lead the
 * reader elsewhere. Throws `unsupported` if they cannot be frozen, or without overlayfs.
 */
export async function readChanges<T>(
  place: RootPlace,
  work: (changes: ContainerChanges) => Promise<T>,
  call: Call,
): Promise<T> {
  const { home, folder } = place;
  const rootfs = await home.rootfs(folder.record(), folder, call);
  const lowers = rootfs.kind === 'overlay' ? rootfs.lowers : [];
  await using _frozen = await freeze(place);
  const exclude = new Set(folder.state().mountPoints);
  return await work({
    changes: await home.changes(rootfs, exclude),
    kindOf: (change) => kindOf(change, (path) => findAt(lowers, path).kind !== 'missing'),
  });
}

function kindOf(change: Change, isBelow: (path: TreePath) => boolean): PathChange {
  if (change.kind === 'delete') return { Path: `/${change.path}`, Kind: 2 };
  const { path } = change.entry;
  return { Path: `/${path}`, Kind: isBelow(path) ? 0 : 1 };
}

const PAUSE_MS = 5;
const PATIENCE_MS = 5000;

async function freeze({ home, folder }: RootPlace): Promise<AsyncDisposable> {
  const nothing = { async [Symbol.asyncDispose]() {} };
  const state = await settle(home, folder);
  if (!isAlive(state) || state.status === 'paused') return nothing;
  const groups = home.sandbox.groupsOf(folder.id);
  const isFrozen = () => {
    const text = groups.read('freezer', 'freezer.state', 'cgroup.events') ?? '';
    return text === 'FROZEN' || text.split('\n').includes('frozen 1');
  };
  const thaw = () => groups.freeze(false);
  if (!groups.freeze(true)) throw cannotFreeze();
  for (let waited = 0; !isFrozen(); waited += PAUSE_MS) {
    if (waited >= PATIENCE_MS) {
      thaw();
      throw cannotFreeze();
    }
    await sleep(PAUSE_MS);
  }
  return {
    async [Symbol.asyncDispose]() {
      thaw();
    },
  };
}

function cannotFreeze(): MkimageError {
  return new MkimageError('unsupported', 'read changes of a running container: its processes cannot be frozen', {
    hint: 'stop the container first',
  });
}
