import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { FileEntry, TreePath } from '../content/index.ts';
import { listHostNames, readHostEntry } from '../host/index.ts';
import { type Change, sameAttributes } from '../layer/index.ts';
import { toFsName } from '../tar/index.ts';
import { createPut, isMountPoint, refuseTooLong } from './put.ts';
import { haveSameBytes } from './same-bytes.ts';

/** A listing of a directory tree, to compare the tree with later. */
export interface Manifest {
  readonly entries: ReadonlyMap<TreePath, Recorded>;
  /** Names by directory. */
  readonly names: ReadonlyMap<TreePath, readonly string[]>;
}

/** The kernel updates an inode's change time at every change, and no process can set it. */
interface Recorded {
  readonly entry: FileEntry;
  readonly inode: bigint;
  readonly changedNs: bigint;
}

/** Lists the current state of a tree. */
export function takeManifest(root: string): Manifest {
  const entries = new Map<TreePath, Recorded>();
  const names = new Map<TreePath, readonly string[]>();
  const visit = (directory: TreePath): void => {
    names.set(directory, listHostNames(join(root, directory)));
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
  refuseTooLong(file, path);
  const stats = lstatSync(toFsName(file), { bigint: true, throwIfNoEntry: false });
  const entry = stats && readHostEntry(file, path, stats);
  return entry && { entry, inode: stats.ino, changedNs: stats.ctimeNs };
}

/**
 * Returns the changes in a tree since its manifest was taken, with the parents of each change. `origin` is the directory that the tree
 * is a copy of: rewritten files are compared with it. The attributes of the root are ignored.
 */
export function* readChangesSince(
  before: Manifest,
  root: string,
  { origin, exclude }: { readonly origin: string; readonly exclude: ReadonlySet<TreePath> },
): Generator<Change> {
  const walk: Walk = { before, root, origin, exclude, links: new Set() };
  const open = [openDirectory(walk, '', undefined)];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const name = top.names[top.next++];
    if (name === undefined) {
      open.pop();
      continue;
    }
    const path = top.path === '' ? name : `${top.path}/${name}`;
    const is = record(root, path);
    const isFolder = is?.entry.type === 'directory';
    const change = changeAt(walk, path, is);
    if (isFolder)
      open.push(
        openDirectory(walk, path, change === undefined ? createPut(join(root, path), is.entry, walk.links) : undefined),
      );
    if (change !== undefined) yield* yieldWithParents(open, change);
  }
}

interface Walk {
  readonly before: Manifest;
  readonly root: string;
  readonly origin: string;
  readonly exclude: ReadonlySet<TreePath>;
  readonly links: Set<string>;
}

/** A directory that is being read. */
interface OpenDirectory {
  readonly path: TreePath;
  readonly names: readonly string[];
  next: number;
  /** Yielded before a change inside it; undefined: it is yielded already, or it is the root. */
  pending: Change | undefined;
}

function openDirectory(walk: Walk, path: TreePath, pending: Change | undefined): OpenDirectory {
  const before = walk.before.names.get(path) ?? [];
  const now = listHostNames(join(walk.root, path));
  return { path, names: [...new Set([...before, ...now])].sort(), next: 0, pending };
}

/** Yields the parent directories that were not yielded yet, then the change. */
function* yieldWithParents(open: readonly OpenDirectory[], change: Change): Generator<Change> {
  for (const directory of open) {
    if (directory.pending !== undefined) yield directory.pending;
    directory.pending = undefined;
  }
  yield change;
}

function changeAt(walk: Walk, path: TreePath, is: Recorded | undefined): Change | undefined {
  const was = walk.before.entries.get(path);
  if (is === undefined) return was === undefined ? undefined : { kind: 'delete', path };
  const changed = !isUnchanged(walk, was, is) && !(was === undefined && isMountPoint(walk.exclude, is.entry));
  return changed ? createPut(join(walk.root, path), is.entry, walk.links) : undefined;
}

function isUnchanged({ root, origin }: Walk, was: Recorded | undefined, is: Recorded): boolean {
  if (was === undefined) return false;
  if (was.inode === is.inode && was.changedNs === is.changedNs) return true;
  const { path, type, inode } = is.entry;
  if (inode !== undefined || !sameAttributes(was.entry, is.entry)) return false;
  return type !== 'file' || haveSameBytes(join(root, path), join(origin, path));
}
