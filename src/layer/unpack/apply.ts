/**
 * Unpacks a layer into a host directory. The archive is hostile: every path is resolved inside the directory, component by component,
 * against its current content. Nothing outside is ever opened, changed or removed. Only one applier at a time may write to a
 * directory.
 */
import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { ancestorsOf, cleanPath, joinPath, nameOf, parentOf, type TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import {
  ConfinedDirectory,
  markDeleted,
  markOpaque,
  readLowerAttributes,
  setAttributes,
  toDiskTime,
} from '../../host/index.ts';
import { type TarEntry, type TarHandler, toFsName } from '../../tar/index.ts';
import { deviceWhiteout, type Whiteout, whiteoutAt } from '../whiteout.ts';
import { type ApplyTarget, type Owners, ownersOf } from './apply-target.ts';
import {
  describeDirectory,
  finishDirectory,
  makeEntryNode,
  makeRecordedNode,
  NewFile,
  recordEntry,
  setEntryXattrs,
} from './new-file.ts';
import { requireDirectory, unpackError } from './unpack-rules.ts';

/** A handler for `TarReader`. Call `finish` after the last entry, and `close` in any case. */
export class LayerApplier implements TarHandler {
  readonly #target: ApplyTarget;
  readonly #owners: Owners;
  readonly #root: ConfinedDirectory;
  /** Paths that this layer has created. Its own whiteouts do not hide them. */
  readonly #written = new Set<TreePath>();
  /** Paths of lower layers that this layer deletes. */
  readonly #deleted = new Set<TreePath>();
  /** Marks of deleted names that this layer has created. */
  readonly #marks = new Set<TreePath>();
  /** Directories whose mode and time are set at the end, after all their entries are created. */
  readonly #directories = new Map<TreePath, TarEntry>();
  #file: NewFile | undefined;
  #skipped = 0;

  constructor(target: ApplyTarget) {
    this.#target = target;
    this.#owners = ownersOf(target);
    this.#root = new ConfinedDirectory(target.directory, (path) => this.#makeImplied(path));
  }

  /** Number of device nodes that this process may not create. */
  get skipped(): number {
    return this.#skipped;
  }

  entry(entry: TarEntry): void {
    try {
      this.#apply(entry);
    } catch (error) {
      throw unpackError(entry.path, error);
    }
  }

  data(bytes: Buffer): void {
    this.#file?.write(bytes);
  }

  entryEnd(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.finish(this.#owners);
  }

  /** Sets modes and times of directories. Deepest first, because the new mode of a parent may forbid access. */
  finish(): void {
    const deepestFirst = [...this.#directories].sort(([a], [b]) => b.length - a.length);
    for (const [path, entry] of deepestFirst) {
      if (this.#root.typeOf(path) !== 'directory') continue;
      finishDirectory(this.#root.hostPath(path), entry, this.#owners);
    }
  }

  /** Closes a file that is being written. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #apply(entry: TarEntry): void {
    const path = cleanPath(entry.path);
    if (path === '') {
      requireDirectory(entry);
      return;
    }
    if (whiteoutAt(path)?.kind === 'ignore') return;
    const parent = this.#root.resolveDirectory(parentOf(path));
    this.#mention(parent);
    const place = joinPath(parent, nameOf(path));
    const whiteout = whiteoutAt(place) ?? deviceWhiteout(entry, place);
    if (whiteout !== undefined) this.#hide(whiteout);
    else this.#put(place, entry);
  }

  /** Records a directory with entries of this layer as written by this layer, even if it existed before. */
  #mention(directory: TreePath): void {
    if (this.#written.has(directory)) return;
    this.#written.add(directory);
    for (const ancestor of ancestorsOf(directory)) this.#written.add(ancestor);
  }

  #put(place: TreePath, entry: TarEntry): void {
    if (entry.type === 'directory') this.#putDirectory(place, entry);
    else this.#create(place, entry);
    this.#marks.delete(place);
    this.#written.add(place);
  }

  /** A directory over a directory only changes its attributes. */
  #putDirectory(place: TreePath, entry: TarEntry): void {
    const before = this.#root.typeOf(place);
    if (before !== 'directory') {
      if (before !== undefined) this.#clear(place);
      this.#makeDirectory(place);
    }
    const file = this.#root.hostPath(place);
    if (this.#owners === 'set') setAttributes(file, { uid: entry.uid, gid: entry.gid });
    setEntryXattrs(() => this.#root.textPath(place), entry);
    if (this.#owners === 'recorded') recordEntry(this.#root.textPath(place), entry);
    this.#directories.set(place, entry);
  }

  #create(place: TreePath, entry: TarEntry): void {
    const file = this.#root.hostPath(place);
    switch (entry.type) {
      case 'file':
        this.#file = this.#createNew(place, () => new NewFile(file, () => this.#root.textPath(place), entry));
        return;
      case 'hardlink':
        this.#createNew(place, () => linkSync(this.#linkTarget(place, entry), file));
        return;
      case 'symlink':
        this.#createNew(place, () => symlinkSync(toFsName(entry.linkname ?? ''), file));
        break;
      default:
        if (this.#owners === 'recorded' && entry.type !== 'fifo') {
          this.#createNew(place, () => makeRecordedNode(file, this.#root.textPath(place), entry));
          return;
        }
        if (!this.#makeNode(place, entry)) return;
    }
    if (this.#owners === 'set') setAttributes(file, { uid: entry.uid, gid: entry.gid });
    setEntryXattrs(() => this.#root.textPath(place), entry);
    setAttributes(file, { mode: entry.type === 'symlink' ? undefined : entry.mode, mtime: toDiskTime(entry.mtime) });
  }

  /** Creates an object. Only if something exists there, which is rare, removes that and tries again. */
  #createNew<T>(place: TreePath, create: () => T): T {
    try {
      return create();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      this.#clear(place);
      return create();
    }
  }

  /** Returns the target of a hard link. Follows symlinks in its directories inside the root, but not in the last component. */
  #linkTarget(place: TreePath, entry: TarEntry): string | Buffer {
    const target = cleanPath(entry.linkname ?? '');
    const found = joinPath(this.#root.resolve(parentOf(target)), nameOf(target));
    const type = found === place ? undefined : this.#root.typeOf(found);
    if (type === undefined || type === 'directory' || this.#marks.has(found)) {
      throw new MkimageError('invalid-archive', `it is a hard link to \`${target}\`, which is not a file`);
    }
    return this.#root.hostPath(found);
  }

  /** Returns false if this process may not create device nodes (user namespace). They are skipped, as in containerd. */
  #makeNode(place: TreePath, entry: TarEntry): boolean {
    try {
      this.#createNew(place, () => makeEntryNode(this.#root.textPath(place), entry));
      return true;
    } catch (error) {
      if (entry.type === 'fifo' || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      this.#skipped++;
      return false;
    }
  }

  #hide(whiteout: Whiteout): void {
    if (whiteout.kind === 'ignore') return;
    const { kind, path } = whiteout;
    if (kind === 'delete') this.#deleted.add(path);
    if (kind === 'opaque') this.#hideContents(path);
    else if (!this.#written.has(path)) this.#delete(path);
    else if (this.#root.typeOf(path) === 'directory') {
      this.#hideContents(path);
      if (!this.#directories.has(path)) this.#setImplied(path);
    }
  }

  #delete(place: TreePath): void {
    if (this.#marks.has(place)) return;
    if (this.#root.typeOf(place) !== undefined) this.#root.remove(place);
    if (this.#target.whiteouts === 'delete') return;
    markDeleted(this.#root.textPath(place));
    this.#marks.add(place);
  }

  /** Hides the content of a directory that comes from lower layers. Entries of this layer stay. */
  #hideContents(directory: TreePath): void {
    if (this.#target.whiteouts === 'overlay') markOpaque(this.#root.textPath(directory));
    else this.#removeForeign(directory);
  }

  #removeForeign(directory: TreePath): void {
    for (const child of this.#root.children(directory)) {
      if (!this.#written.has(child)) this.#root.remove(child);
      else if (this.#root.typeOf(child) === 'directory') this.#removeForeign(child);
    }
  }

  /** Removes an existing object, to create a new one there. */
  #clear(place: TreePath): void {
    this.#root.remove(place, (directory) => this.#directories.delete(directory));
  }

  /** Creates a directory. If this layer has deleted the name, the directory hides the content of lower layers. */
  #makeDirectory(place: TreePath): void {
    mkdirSync(this.#root.hostPath(place), 0o700);
    if (this.#marks.delete(place)) markOpaque(this.#root.textPath(place));
  }

  /** Creates a directory without an entry, with the attributes of the lower directory, or containerd's default. */
  #makeImplied(place: TreePath): void {
    if (this.#marks.has(place)) this.#root.remove(place);
    this.#makeDirectory(place);
    this.#setImplied(place);
  }

  #setImplied(place: TreePath): void {
    const attributes = this.#deleted.has(place) ? undefined : readLowerAttributes(this.#target.below ?? [], place);
    const text = () => this.#root.textPath(place);
    describeDirectory({ file: this.#root.hostPath(place), text, owners: this.#owners }, attributes);
  }
}
