import { lstatSync, readlinkSync, rmdirSync, type Stats, unlinkSync } from 'node:fs';
import { joinPath, parentOf, resolveLinks, type TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { listHostNames } from './host-entry.ts';

export type HostType = 'directory' | 'symlink' | 'other';

/**
 * A directory that paths cannot escape from. Paths must be results of `resolve` or `resolveDirectory`, or names in such a directory:
 * these contain no symlinks, as long as no other process writes to the directory.
 */
export class ConfinedDirectory {
  readonly #directory: string;
  readonly #make: (path: TreePath) => void;
  /** Paths that are known to be real directories, with all their parents. A removed directory is deleted from this set. */
  readonly #known = new Set<TreePath>(['']);

  /** `make` creates a missing directory. Its parent exists already. */
  constructor(directory: string, make: (path: TreePath) => void) {
    this.#directory = directory;
    this.#make = make;
  }

  /** Returns the host path as an argument for `node:fs`. */
  hostPath(path: TreePath): string | Buffer {
    return toFsName(this.textPath(path));
  }

  /** Returns the host path as path text. */
  textPath(path: TreePath): string {
    return path === '' ? this.#directory : `${this.#directory}/${path}`;
  }

  /** Returns the type of the object at a path, without following a symlink; undefined if there is none. */
  typeOf(path: TreePath): HostType | undefined {
    if (this.#known.has(path)) return 'directory';
    const stats = this.#stat(path);
    if (stats === undefined) return undefined;
    if (!stats.isDirectory()) return stats.isSymbolicLink() ? 'symlink' : 'other';
    this.#known.add(path);
    return 'directory';
  }

  /** Resolves symlinks inside the directory; `..` stops at the top. A name that does not exist is kept as it is. */
  resolve(path: TreePath): TreePath {
    let known = path;
    while (!this.#known.has(known)) known = parentOf(known);
    if (known === path) return path;
    const rest = known === '' ? path : path.slice(known.length + 1);
    return resolveLinks((at) => this.#linkAt(at), rest, { from: known });
  }

  /** Resolves a path and creates the directory with its parents if missing. Throws `invalid-archive` if a file is there. */
  resolveDirectory(path: TreePath): TreePath {
    if (this.#known.has(path)) return path;
    const resolved = this.resolve(path);
    const unknown: TreePath[] = [];
    for (let at = resolved; !this.#known.has(at); at = parentOf(at)) unknown.push(at);
    for (const directory of unknown.reverse()) this.#ensure(directory);
    return resolved;
  }

  /** Returns the paths of a directory's entries. */
  children(directory: TreePath): readonly TreePath[] {
    return listHostNames(this.textPath(directory)).map((name) => joinPath(directory, name));
  }

  /** Removes the object at a path with everything below it, and calls `removed` for each removed directory. */
  remove(path: TreePath, removed: (directory: TreePath) => void = () => {}): void {
    if (this.typeOf(path) !== 'directory') {
      unlinkSync(this.hostPath(path));
      return;
    }
    for (const child of this.children(path)) this.remove(child, removed);
    rmdirSync(this.hostPath(path));
    this.#known.delete(path);
    removed(path);
  }

  #ensure(path: TreePath): void {
    const type = this.typeOf(path);
    if (type === 'directory') return;
    if (type !== undefined && !this.#isMark(path)) {
      throw new MkimageError('invalid-archive', `\`${path}\` is not a directory, but other entries are inside it`);
    }
    this.#make(path);
    this.#known.add(path);
  }

  /** A directory may replace overlayfs' mark of a deleted name. */
  #isMark(path: TreePath): boolean {
    const stats = this.#stat(path);
    return stats?.isCharacterDevice() === true && stats.rdev === 0;
  }

  #linkAt(path: TreePath): string | undefined {
    if (this.typeOf(path) !== 'symlink') return undefined;
    return textOfBytes(readlinkSync(this.hostPath(path), { encoding: 'buffer' }));
  }

  #stat(path: TreePath): Stats | undefined {
    try {
      return lstatSync(this.hostPath(path), { throwIfNoEntry: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
      throw error;
    }
  }
}
