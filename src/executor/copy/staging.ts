import {
  ancestorsOf,
  comparePaths,
  type FileEntry,
  type FileInTree,
  type FileLocation,
  type FileTree,
  locateContent,
  parentOf,
  type TreePath,
} from '../../content/index.ts';
import type { Change } from '../../layer/index.ts';
import type { Digest } from '../../oci/index.ts';

/** A `put` change, as the layer writer takes it. */
type Put = Extract<Change, { kind: 'put' }>;

/** A put at a path where the base has an object. */
export interface Repeat {
  readonly entry: FileEntry;
  readonly content: FileLocation | FileInTree | undefined;
  readonly before: FileEntry;
}

/**
 * The edits of a layer on top of a read-only tree. A staging can be read as a tree itself, so each source of a COPY
 * sees the copies of the sources before it. Nothing is written to disk; `changes` returns the difference for a layer
 * writer.
 */
export class Staging implements FileTree {
  readonly #base: FileTree;
  readonly #puts = new Map<TreePath, Put>();
  /** The paths put in each directory. Created on the first look-up. */
  #children: Map<TreePath, Set<TreePath>> | undefined;
  /** Deleted paths of the base. Everything below them is deleted too. */
  readonly #deleted = new Set<TreePath>();
  /** All parent directories of the deleted paths. */
  readonly #aboveDeleted = new Set<TreePath>();

  constructor(base: FileTree) {
    this.#base = base;
  }

  stat(path: TreePath): FileEntry | undefined {
    return this.#puts.get(path)?.entry ?? (this.#isBaseHidden(path) ? undefined : this.#base.stat(path));
  }

  list(path: TreePath): readonly FileEntry[] {
    if (this.stat(path)?.type !== 'directory') return [];
    const entries = new Map<TreePath, FileEntry>();
    if (!this.#isBaseHidden(path)) {
      for (const entry of this.#base.list(path)) if (!this.#deleted.has(entry.path)) entries.set(entry.path, entry);
    }
    for (const child of this.#childrenOf(path)) entries.set(child, this.#puts.get(child)!.entry);
    return [...entries.values()].sort(byPath);
  }

  locate(path: TreePath): FileLocation | Promise<FileLocation> {
    const content = this.#puts.get(path)?.content;
    return content === undefined ? this.#base.locate(path) : locateContent(content);
  }

  digest(path: TreePath): Digest | Promise<Digest> {
    return this.#base.digest(path);
  }

  /**
   * Puts one object. A directory over a directory keeps its contents; anything else replaces the object and everything
   * below it.
   */
  put(entry: FileEntry, content?: FileLocation | FileInTree): void {
    const path = entry.path;
    const before = this.stat(path);
    const merges = before?.type === 'directory' && entry.type === 'directory';
    const replaced = before !== undefined && !merges && path !== '';
    if (replaced) this.remove(path);
    const isOpaque = entry.type === 'directory' && (this.#isOpaque(path) || this.#hidesBaseDirectory(path));
    this.#set({ kind: 'put', entry, opaque: isOpaque, content });
  }

  /** Makes `path` a hard link to an existing file; `content` is where the bytes of that file are. */
  link(source: FileEntry, path: TreePath, content: FileLocation | FileInTree): void {
    const linked: FileEntry = { ...source, inode: source.inode ?? `link:${source.path}` };
    const put = this.#puts.get(source.path);
    if (put) this.#puts.set(source.path, { ...put, entry: linked });
    this.put({ ...linked, path }, content);
  }

  /** Removes an object and everything below it. */
  remove(path: TreePath): void {
    this.#forget(path);
    if (this.#isBaseHidden(path) || this.#base.stat(path) === undefined) return;
    this.#deleted.add(path);
    for (const ancestor of ancestorsOf(path)) this.#aboveDeleted.add(ancestor);
  }

  /** Returns the puts at paths where the base is visible and may be equal. */
  *repeats(): Iterable<Repeat> {
    /** Directories that are not visible in the base: nothing below them needs a look-up. */
    const absent = new Set<TreePath>();
    for (const [path, { entry, content, opaque }] of this.#puts) {
      const parent = parentOf(path);
      const isNew = opaque === true || absent.has(parent) || this.#isBaseHidden(parent);
      const before = isNew ? undefined : this.#base.stat(path);
      if (before) yield { entry, content, before };
      else if (entry.type === 'directory') absent.add(path);
    }
  }

  /** Returns the names of files that were put with more than one name. */
  *linked(): Iterable<{ readonly path: TreePath; readonly inode: string }> {
    for (const [path, { entry }] of this.#puts) if (entry.inode !== undefined) yield { path, inode: entry.inode };
  }

  /**
   * Returns the difference to the base, parents before children, without the puts in `unchanged`. Parent directories
   * of a change are repeated with their own attributes, so that the layer can be unpacked alone.
   */
  changes(unchanged: ReadonlySet<TreePath> = new Set()): Change[] {
    const changes: Change[] = [];
    for (const path of this.#deleted) if (!this.#puts.has(path)) changes.push({ kind: 'delete', path });
    for (const [path, put] of this.#puts) if (!unchanged.has(path)) changes.push(put);
    changes.push(...this.#ancestors(changes, unchanged));
    return changes.sort((a, b) => comparePaths(pathOf(a), pathOf(b)));
  }

  /** Returns the parent directories of changes that are not changes themselves. */
  #ancestors(changes: readonly Change[], unchanged: ReadonlySet<TreePath>): Change[] {
    const ancestors = new Map<TreePath, Change>();
    const isTold = (path: TreePath) => ancestors.has(path) || (this.#puts.has(path) && !unchanged.has(path));
    let known: TreePath = '';
    for (const change of changes) {
      const parent = parentOf(pathOf(change));
      if (parent === known) continue;
      for (let at = parent; at !== '' && !isTold(at); at = parentOf(at)) {
        const entry = this.stat(at);
        if (entry) ancestors.set(at, { kind: 'put', entry });
      }
      known = parent;
    }
    return [...ancestors.values()];
  }

  #set(put: Put): void {
    const { path } = put.entry;
    this.#puts.set(path, put);
    if (this.#children !== undefined) addChild(this.#children, path);
  }

  #isOpaque(path: TreePath): boolean {
    return this.#puts.get(path)?.opaque === true;
  }

  #isBaseHidden(path: TreePath): boolean {
    if (this.#deleted.size === 0) return false;
    for (const at of ancestorsOf(path)) {
      if (this.#deleted.has(at)) return true;
      if (!this.#aboveDeleted.has(at)) return false;
    }
    return this.#deleted.has(path);
  }

  #hidesBaseDirectory(path: TreePath): boolean {
    return this.#deleted.has(path) && this.#base.stat(path)?.type === 'directory';
  }

  #forget(path: TreePath): void {
    const below = this.stat(path)?.type === 'directory' ? [...this.#childrenOf(path)] : [];
    for (let at = below.pop(); at !== undefined; at = below.pop()) {
      below.push(...this.#childrenOf(at));
      this.#children?.delete(at);
      this.#puts.delete(at);
    }
    this.#children?.delete(path);
    if (this.#puts.delete(path)) this.#children?.get(parentOf(path))?.delete(path);
  }

  #childrenOf(path: TreePath): Iterable<TreePath> {
    if (this.#children === undefined) {
      this.#children = new Map();
      for (const put of this.#puts.keys()) addChild(this.#children, put);
    }
    return this.#children.get(path) ?? [];
  }
}

function addChild(children: Map<TreePath, Set<TreePath>>, path: TreePath): void {
  if (path === '') return;
  const parent = parentOf(path);
  const siblings = children.get(parent);
  if (siblings === undefined) children.set(parent, new Set([path]));
  else siblings.add(path);
}

function pathOf(change: Change): TreePath {
  return change.kind === 'put' ? change.entry.path : change.path;
}

/** An empty root: the base of `FROM scratch` and `--link`. */
export const EMPTY_TREE: FileTree = {
  stat: (path) => (path === '' ? ROOT : undefined),
  list: () => [],
  locate: (path) => {
    throw new Error(`the empty tree has no ${path}`);
  },
  digest: (path) => {
    throw new Error(`the empty tree has no ${path}`);
  },
};

const ROOT: FileEntry = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };

function byPath(a: FileEntry, b: FileEntry): number {
  return a.path < b.path ? -1 : 1;
}
