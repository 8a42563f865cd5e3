import type { PathChange } from '../../api/index.ts';
import type { TreePath } from '../../content/index.ts';
import type { Change } from '../../layer/index.ts';
import type { Call } from '../../progress.ts';
import { findAt } from '../life/container-tree.ts';
import { freezeGroups } from '../life/freeze.ts';
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

async function freeze({ home, folder }: RootPlace): Promise<AsyncDisposable> {
  const nothing = { async [Symbol.asyncDispose]() {} };
  const state = await settle(home, folder);
  if (!isAlive(state) || state.status === 'paused') return nothing;
  const groups = home.sandbox.groupsOf(folder.id);
  await freezeGroups(groups, 'read changes of a running container');
  return {
    async [Symbol.asyncDispose]() {
      groups.freeze(false);
    },
  };
}
