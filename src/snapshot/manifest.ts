import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { FileEntry, TreePath } from '../content/index.ts';
import { type Change, fsName, hostEntry, hostNames } from '../layer/index.ts';
import { isMountPoint, putOf, sameAttributes } from './put.ts';

/** A listing of a directory tree to which the tree can be compared later. */
export interface Manifest {
  readonly entries: ReadonlyMap<TreePath, Recorded>;
  /** Names by directory. */
  readonly names: ReadonlyMap<TreePath, readonly string[]>;
}

/** The kernel sets an inode's change time at every change, and nobody can set it back. */
interface Recorded {
  readonly entry: FileEntry;
  readonly inode: bigint;
  readonly changedNs: bigint;
}

/** Lists a tree as it is now. */
export function takeManifest(root: string): Manifest {
  const entries = new Map<TreePath, Recorded>();
  const names = new Map<TreePath, readonly string[]>();
  const visit = (directory: TreePath): void => {
    names.set(directory, hostNames(join(root, directory)));
    for (const name of names.get(directory)!) {
      const recorded = record(root, directory === '' ? name : `${directory}/${name}`);
      if (recorded === undefined) continue;
      entries.set(recorded.entry.path, recorded);
      if (recorded.entry.type === 'directory') visit(recorded.entry.path);
    }
  };
  visit('');
  return { entries, names };
}

function record(root: string, path: TreePath): Recorded | undefined {
  const file = join(root, path);
  const stats = lstatSync(fsName(file), { bigint: true });
  const entry = hostEntry(file, path, stats);
  return entry && { entry, inode: stats.ino, changedNs: stats.ctimeNs };
}

/** What has changed in a tree since its manifest was taken; parents of a change are told too. */
export function changesSince(
  before: Manifest,
  root: string,
  { exclude }: { readonly exclude: ReadonlySet<TreePath> },
): Iterable<Change> {
  return changesIn({ before, root, exclude, links: new Set() }, '');
}

interface Walk {
  readonly before: Manifest;
  readonly root: string;
  readonly exclude: ReadonlySet<TreePath>;
  readonly links: Set<string>;
}

function* changesIn(walk: Walk, directory: TreePath): Generator<Change> {
  const before = walk.before.names.get(directory) ?? [];
  const now = hostNames(join(walk.root, directory));
  for (const name of [...new Set([...before, ...now])].sort()) {
    yield* changesAt(walk, directory === '' ? name : `${directory}/${name}`);
  }
}

function* changesAt(walk: Walk, path: TreePath): Generator<Change> {
  const was = walk.before.entries.get(path);
  const file = join(walk.root, path);
  const gone = lstatSync(fsName(file), { throwIfNoEntry: false }) === undefined;
  const is = gone ? undefined : record(walk.root, path);
  if (is === undefined) {
    if (was !== undefined) yield { kind: 'delete', path };
    return;
  }
  const changed = !isUnchanged(was, is) && !(was === undefined && isMountPoint(walk.exclude, is.entry));
  if (is.entry.type !== 'directory') {
    if (changed) yield putOf(file, is.entry, walk.links);
    return;
  }
  const inside = changesIn(walk, path);
  const first = inside.next();
  if (changed || first.done !== true) yield putOf(file, is.entry, walk.links);
  if (first.done !== true) yield first.value;
  yield* inside;
}

function isUnchanged(was: Recorded | undefined, is: Recorded): boolean {
  if (was === undefined) return false;
  if (was.inode === is.inode && was.changedNs === is.changedNs) return true;
  return is.entry.type === 'directory' && sameAttributes(was.entry, is.entry);
}
