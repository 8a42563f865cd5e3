/**
 * COPY and ADD against a tree: what `cp -a` inside the two roots would do, with BuildKit's rules for destinations, owners and
 * modes, but as edits of a staging, with nothing unpacked.
 */
import {
  type FileEntry,
  type FileTree,
  joinPath,
  nameOf,
  parentOf,
  resolveInTree,
  type TreePath,
} from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { applyChmod, octalMode } from './file-mode.ts';
import type { Staging } from './staging.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** How everything that one instruction copies is written. */
export interface CopyTarget {
  readonly staging: Staging;
  /** Absolute; a trailing `/` (or `/.`) says that it is a directory. */
  readonly destination: string;
  /** undefined: owners stay as they are in the source, directories that are made belong to 0:0. */
  readonly owner: Owner | undefined;
  readonly chmod: string | undefined;
  /** Modification time of directories that are made, in seconds. */
  readonly now: number;
}

/** One thing to copy: a file, or a directory whose contents are copied. */
export interface CopyItem {
  readonly tree: FileTree;
  /** Resolved; what is copied. */
  readonly path: TreePath;
  /** The name it gets inside an existing directory. */
  readonly name: string;
  /** Tells the sources of one instruction apart. */
  readonly label: string;
  /** Which paths below a directory are taken, by path relative to it. */
  readonly filter?: CopyFilter | undefined;
}

export interface CopyFilter {
  /** `descend`: not itself taken, but something below may be. */
  readonly decide: (relative: string, isDirectory: boolean) => 'take' | 'descend' | 'skip';
}

/** Copies one item into the target. Throws `source-missing` and `usage` with the paths as the author knows them. */
export function copyItem(target: CopyTarget, item: CopyItem): void {
  const source = item.tree.stat(item.path);
  if (!source) throw new MkimageError('source-missing', `copy \`/${item.path}\`: not found`);
  const resolved = destinationOf(target);
  const existing = target.staging.stat(resolved);
  const inside = source.type !== 'directory' && existing?.type === 'directory';
  const path = inside ? joinPath(resolved, item.name) : resolved;
  const needed = source.type === 'directory' && !existing ? path : parentOf(path);
  makeDirectories(target, needed);
  copyEntry({ target, item }, source, path, '', []);
}

/** Makes the directory (with its parents) that the destination names, and says where it is. */
function destinationOf(target: CopyTarget): TreePath {
  const { destination, staging } = target;
  const isDirectory = destination.endsWith('/') || destination.endsWith('/.');
  const directory = isDirectory ? destination : destination.slice(0, destination.lastIndexOf('/') + 1);
  makeDirectories(target, resolveInTree(staging, directory));
  return resolveInTree(staging, destination);
}

/** Makes a directory and its missing parents, and says which are missing; `path` holds no symlinks any more. */
export function makeDirectories(
  target: Omit<CopyTarget, 'destination'>,
  path: TreePath,
  isMissing: (directory: TreePath) => void = () => {},
): void {
  const missing: TreePath[] = [];
  for (let at = path; ; at = parentOf(at)) {
    const existing = target.staging.stat(at);
    if (existing?.type === 'directory') break;
    if (existing) throw new MkimageError('step-failed', `make directory \`/${at}\`: a ${existing.type} is in the way`);
    isMissing(at);
    missing.push(at);
  }
  for (const directory of missing.reverse()) makeDirectory(target, directory);
}

function makeDirectory(target: Omit<CopyTarget, 'destination'>, path: TreePath): void {
  const mode = target.chmod === undefined ? undefined : octalMode(target.chmod);
  const { uid, gid } = target.owner ?? { uid: 0, gid: 0 };
  target.staging.put({ path, type: 'directory', mode: mode ?? 0o755, uid, gid, size: 0, mtime: target.now });
}

interface Walk {
  readonly target: CopyTarget;
  readonly item: CopyItem;
}

/** A directory on the way that is made only when something below it is taken. */
interface Pending {
  readonly source: FileEntry;
  readonly path: TreePath;
}

function copyEntry(walk: Walk, source: FileEntry, path: TreePath, relative: string, pending: readonly Pending[]): void {
  const isDirectory = source.type === 'directory';
  const decision = relative === '' ? 'take' : (walk.item.filter?.decide(relative, isDirectory) ?? 'take');
  if (decision === 'skip') return;
  if (decision === 'take') {
    for (const parent of pending) takeDirectory(walk, parent.source, parent.path, false);
    if (!isDirectory) {
      takeFile(walk, source, path);
      return;
    }
    takeDirectory(walk, source, path, relative !== '');
  }
  if (isDirectory) {
    copyChildren(walk, source, path, relative, decision === 'take' ? [] : [...pending, { source, path }]);
  }
}

function copyChildren(
  walk: Walk,
  source: FileEntry,
  path: TreePath,
  relative: string,
  pending: readonly Pending[],
): void {
  const { tree, filter } = walk.item;
  for (const child of tree.list(source.path)) {
    const name = nameOf(child.path);
    // Only a filter asks for the whole path.
    copyEntry(walk, child, joinPath(path, name), filter === undefined ? name : joinPath(relative, name), pending);
  }
}

/** A directory that exists keeps its attributes at the top and takes the source's below. */
function takeDirectory(walk: Walk, source: FileEntry, path: TreePath, overwrite: boolean): void {
  const { staging } = walk.target;
  const existing = staging.stat(path);
  if (existing && existing.type !== 'directory') {
    throw new MkimageError('step-failed', `copy directory to \`/${path}\`: a ${existing.type} is in the way`);
  }
  if (!existing || overwrite) staging.put(attributed(walk, source, path));
}

function takeFile(walk: Walk, source: FileEntry, path: TreePath): void {
  const { staging } = walk.target;
  if (staging.stat(path)?.type === 'directory') {
    const what = `cannot replace the directory \`/${path}\` with a ${source.type}`;
    throw new MkimageError('step-failed', `copy \`/${source.path}\`: ${what}`);
  }
  const { tree } = walk.item;
  staging.put(
    attributed(walk, source, path),
    source.type === 'file' ? { kind: 'in-tree', tree, path: source.path } : undefined,
  );
}

/** The entry as it will stand in the layer. Inodes of different sources are never the same. */
function attributed(walk: Walk, source: FileEntry, path: TreePath): FileEntry {
  const { chmod, owner } = walk.target;
  const keepsMode = chmod === undefined || source.type === 'symlink';
  const mode = keepsMode ? source.mode : applyChmod(chmod, source.mode, source.type === 'directory');
  // One copy: this is done for every file of a context.
  const entry: Writable<FileEntry> = { ...source, path, mode };
  if (source.inode !== undefined) entry.inode = `${walk.item.label}:${source.inode}`;
  if (owner !== undefined) Object.assign(entry, owner);
  return entry;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
