/**
 * COPY and ADD on a tree. The result is what `cp -a` inside the two roots would make, with BuildKit's rules for
 * destinations, owners and modes. The copies are edits of a staging; nothing is unpacked.
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
import type { CopyRule } from './held-put.ts';
import type { Staging } from './staging.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Settings for everything that one instruction copies. */
export interface CopyTarget {
  readonly staging: Staging;
  /** Absolute. A trailing `/` (or `/.`) says that it is a directory. */
  readonly destination: string;
  /** undefined: owners stay as in the source, and new directories belong to 0:0. */
  readonly owner: Owner | undefined;
  readonly chmod: string | undefined;
  /** Modification time of new directories, in seconds. */
  readonly now: number;
}

/** One thing to copy: a file, or a directory whose contents are copied. */
export interface CopyItem {
  readonly tree: FileTree;
  /** The resolved path in `tree`. */
  readonly path: TreePath;
  /** The name of the copy inside an existing directory. */
  readonly name: string;
  /** Distinguishes the sources of one instruction. */
  readonly label: string;
  /** Decides which paths below a directory are copied. Paths are relative to the directory. */
  readonly filter?: CopyFilter | undefined;
}

export interface CopyFilter {
  /** `descend`: do not copy this directory, but look at what is in it. */
  readonly decide: (relative: string, isDirectory: boolean) => 'take' | 'descend' | 'skip';
}

/** Copies one item into the target. Throws `source-missing` and `usage` with the paths as the user wrote them. */
export function copyItem(target: CopyTarget, item: CopyItem): void {
  const source = item.tree.stat(item.path);
  if (!source) throw new MkimageError('source-missing', `copy \`/${item.path}\`: not found`);
  const resolved = destinationOf(target);
  const existing = target.staging.stat(resolved);
  const inside = source.type !== 'directory' && existing?.type === 'directory';
  const path = inside ? joinPath(resolved, item.name) : resolved;
  const needed = source.type === 'directory' && !existing ? path : parentOf(path);
  makeDirectories(target, needed);
  copyEntry({ target, item, rule: createRule(target, item) }, { source, path, relative: '', pending: [] });
}

/** Makes the directory (and its parents) that the destination names, and returns its path. */
function destinationOf(target: CopyTarget): TreePath {
  const { destination, staging } = target;
  const isDirectory = destination.endsWith('/') || destination.endsWith('/.');
  const directory = isDirectory ? destination : destination.slice(0, destination.lastIndexOf('/') + 1);
  makeDirectories(target, resolveInTree(staging, directory));
  return resolveInTree(staging, destination);
}

/** Makes a directory and its missing parents, and returns the paths that were missing. `path` contains no symlinks. */
export function makeDirectories(
  target: Omit<CopyTarget, 'destination'>,
  path: TreePath,
  isMissing: (directory: TreePath) => void = () => {},
): void {
  const missing: TreePath[] = [];
  for (let at = path; ; at = parentOf(at)) {
    const existing = target.staging.stat(at);
    if (existing?.type === 'directory') break;
    if (existing)
      throw new MkimageError('step-failed', `make directory \`/${at}\`: a ${existing.type} with that name exists`);
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

/**
 * The state of one copy. The functions below take more than three parameters, because they run for every file of a
 * context, where an object per call is slow.
 */
interface Walk {
  readonly target: CopyTarget;
  readonly item: CopyItem;
  readonly rule: CopyRule;
}

/** A directory that is made only when something below it is copied. */
interface Pending {
  readonly source: FileEntry;
  readonly path: TreePath;
}

interface Visit {
  readonly source: FileEntry;
  readonly path: TreePath;
  readonly relative: string;
  readonly pending: readonly Pending[];
}

function copyEntry(walk: Walk, { source, path, relative, pending }: Visit): void {
  const isDirectory = source.type === 'directory';
  const decision = relative === '' ? 'take' : (walk.item.filter?.decide(relative, isDirectory) ?? 'take');
  if (decision === 'skip') return;
  if (decision === 'take') {
    for (const parent of pending) takeDirectory(walk, parent, false);
    if (!isDirectory) {
      takeFile(walk, source, path);
      return;
    }
    takeDirectory(walk, { source, path }, relative !== '');
  }
  if (isDirectory) {
    copyChildren(walk, { source, path, relative, pending: decision === 'take' ? [] : [...pending, { source, path }] });
  }
}

function copyChildren(walk: Walk, { source, path, relative, pending }: Visit): void {
  const { tree, filter } = walk.item;
  const isSamePlace = path === source.path;
  for (const child of tree.list(source.path)) {
    const name = nameOf(child.path);
    // An equal path is one string in memory.
    const target = isSamePlace ? child.path : joinPath(path, name);
    // Only a filter needs the path relative to the source.
    copyEntry(walk, {
      source: child,
      path: target,
      relative: filter === undefined ? name : joinPath(relative, name),
      pending,
    });
  }
}

/** An existing directory keeps its attributes at the top level; below it gets those of the source. */
function takeDirectory(walk: Walk, { source, path }: Pending, overwrite: boolean): void {
  const { staging } = walk.target;
  const existing = staging.stat(path);
  if (existing && existing.type !== 'directory') {
    throw new MkimageError('step-failed', `copy directory to \`/${path}\`: a ${existing.type} with that name exists`);
  }
  if (!existing || overwrite) staging.put(walk.rule.createEntry(source, path));
}

function takeFile(walk: Walk, source: FileEntry, path: TreePath): void {
  const { staging } = walk.target;
  if (staging.stat(path)?.type === 'directory') {
    const what = `cannot replace the directory \`/${path}\` with a ${source.type}`;
    throw new MkimageError('step-failed', `copy \`/${source.path}\`: ${what}`);
  }
  staging.copy(source, path, walk.rule);
}

function createRule(target: Pick<CopyTarget, 'chmod' | 'owner'>, { tree, label }: CopyItem): CopyRule {
  const attributes = { chmod: target.chmod, owner: target.owner, label };
  return { tree, createEntry: (source, path) => createEntry(source, path, attributes) };
}

/** The entry as it will be in the layer. Inodes of different sources are always different. */
function createEntry(
  source: FileEntry,
  path: TreePath,
  { chmod, owner, label }: Pick<CopyTarget, 'chmod' | 'owner'> & Pick<CopyItem, 'label'>,
): FileEntry {
  const keepsMode = chmod === undefined || source.type === 'symlink';
  const mode = keepsMode ? source.mode : applyChmod(chmod, source.mode, source.type === 'directory');
  const entry: Writable<FileEntry> = { ...source, path, mode };
  if (source.inode !== undefined) entry.inode = `${label}:${source.inode}`;
  if (owner !== undefined) Object.assign(entry, owner);
  return entry;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
