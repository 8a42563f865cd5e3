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
import { type Copied, type CopyRule, inodeOf, isOpaque, type Put, toPut } from './held-put.ts';

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
  readonly #puts = new Map<TreePath, Put | Copied>();
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
    return this.#entryAt(path) ?? (this.#isBaseHidden(path) ? undefined : this.#base.stat(path));
  }

  list(path: TreePath): readonly FileEntry[] {
    if (this.stat(path)?.type !== 'directory') return [];
    const entries = new Map<TreePath, FileEntry>();
    if (!this.#isBaseHidden(path)) {
      for (const entry of this.#base.list(path)) if (!this.#deleted.has(entry.path)) entries.set(entry.path, entry);
    }
    for (const child of this.#childrenOf(path)) entries.set(child, this.#entryAt(child)!);
    return [...entries.values()].sort(byPath);
  }

  locate(path: TreePath): FileLocation | Promise<FileLocation> {
    const held = this.#puts.get(path);
    const content = held === undefined ? undefined : toPut(held, path).content;
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
    this.#set(path, { kind: 'put', entry, opaque: isOpaque, content });
  }

  /** Copies an object that is not a directory. It replaces the object at `path`, which must not be a directory. */
  copy(source: FileEntry, path: TreePath, rule: CopyRule): void {
    if (this.stat(path) !== undefined) this.remove(path);
    this.#set(path, { kind: 'copied', source, rule });
  }

  /** Makes `path` a hard link to an existing object; `content` is where the bytes of a file are. */
  link(source: FileEntry, path: TreePath, content: FileLocation | FileInTree | undefined): void {
    const linked: FileEntry = { ...source, inode: source.inode ?? `link:${source.path}` };
    const put = this.#puts.get(source.path);
    if (put) this.#puts.set(source.path, { ...toPut(put, source.path), entry: linked });
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
    for (const [path, held] of this.#puts) {
      const parent = parentOf(path);
      const isNew = isOpaque(held) || absent.has(parent) || this.#isBaseHidden(parent);
      const before = isNew ? undefined : this.#base.stat(path);
      if (before) yield createRepeat(toPut(held, path), before);
      else if (held.kind === 'put' && held.entry.type === 'directory') absent.add(path);
    }
  }

  /** Returns the names of files that were put with more than one name. */
  *listLinked(): Iterable<{ readonly path: TreePath; readonly inode: string }> {
    for (const [path, held] of this.#puts) {
      const inode = inodeOf(held, path);
      if (inode !== undefined) yield { path, inode };
    }
  }

  /**
   * Returns the difference to the base, parents before children, without the puts in `unchanged`. Parent directories
   * of a change are repeated with their own attributes, so that the layer can be unpacked alone. Each change is created
   * when it is read.
   */
  *changes(unchanged: ReadonlySet<TreePath> = new Set()): Iterable<Change> {
    const paths: TreePath[] = [];
    for (const path of this.#deleted) if (!this.#puts.has(path)) paths.push(path);
    for (const path of this.#puts.keys()) if (!unchanged.has(path)) paths.push(path);
    const ancestors = this.#ancestorsOf(paths, unchanged);
    for (const path of ancestors.keys()) paths.push(path);
    paths.sort(comparePaths);
    for (const path of paths) yield ancestors.get(path) ?? this.#changeAt(path);
  }

  #changeAt(path: TreePath): Change {
    const held = this.#puts.get(path);
    return held === undefined ? { kind: 'delete', path } : toPut(held, path);
  }

  /** Returns the parent directories of changes that are not changes themselves. */
  #ancestorsOf(changed: readonly TreePath[], unchanged: ReadonlySet<TreePath>): Map<TreePath, Put> {
    const ancestors = new Map<TreePath, Put>();
    const isTold = (path: TreePath) => ancestors.has(path) || (this.#puts.has(path) && !unchanged.has(path));
    let known: TreePath = '';
    for (const path of changed) {
      const parent = parentOf(path);
      if (parent === known) continue;
      for (let at = parent; at !== '' && !isTold(at); at = parentOf(at)) {
        const entry = this.stat(at);
        if (entry) ancestors.set(at, { kind: 'put', entry });
      }
      known = parent;
    }
    return ancestors;
  }

  #entryAt(path: TreePath): FileEntry | undefined {
    const held = this.#puts.get(path);
    return held === undefined ? undefined : toPut(held, path).entry;
  }

  #set(path: TreePath, held: Put | Copied): void {
    this.#puts.set(path, held);
    if (this.#children !== undefined) addChild(this.#children, path);
  }

  #isOpaque(path: TreePath): boolean {
    const held = this.#puts.get(path);
    return held !== undefined && isOpaque(held);
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

function byPath(a: FileEntry, b: FileEntry): number {
  return a.path < b.path ? -1 : 1;
}

function createRepeat({ entry, content }: Put, before: FileEntry): Repeat {
  return { entry, content, before };
}
