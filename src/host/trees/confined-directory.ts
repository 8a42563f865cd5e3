import { lstatSync, readlinkSync, rmdirSync, type Stats, unlinkSync } from 'node:fs';
import { joinPath, parentOf, resolveLinks, type TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { hostNames } from './host-entry.ts';

export type HostType = 'directory' | 'symlink' | 'other';

/**
 * A directory that nothing gets out of. Paths given to it that are the result of `resolve` or `resolveDirectory`, and names
 * in such a directory, hold no symlink on the way; that is true as long as no one else writes there.
 */
export class ConfinedDirectory {
  readonly #directory: string;
  readonly #make: (path: TreePath) => void;
  /** Paths that are real directories, as are all their parents. Each is forgotten when it is removed. */
  readonly #known = new Set<TreePath>(['']);

  /** `make` makes a missing directory at a path whose parent exists. */
  constructor(directory: string, make: (path: TreePath) => void) {
    this.#directory = directory;
    this.#make = make;
  }

  /** What `node:fs` takes for a path that holds no symlink on the way. */
  hostPath(path: TreePath): string | Buffer {
    return toFsName(this.textPath(path));
  }

  /** The same as path text. */
  textPath(path: TreePath): string {
    return path === '' ? this.#directory : `${this.#directory}/${path}`;
  }

  /** What lies at a path; a symlink is a symlink. */
  typeOf(path: TreePath): HostType | undefined {
    if (this.#known.has(path)) return 'directory';
    const stats = this.#stat(path);
    if (stats === undefined) return undefined;
    if (!stats.isDirectory()) return stats.isSymbolicLink() ? 'symlink' : 'other';
    this.#known.add(path);
    return 'directory';
  }

  /** Where a path leads: symlinks followed inside, `..` stops at the top. What does not exist stands for itself. */
  resolve(path: TreePath): TreePath {
    let known = path;
    while (!this.#known.has(known)) known = parentOf(known);
    if (known === path) return path;
    const rest = known === '' ? path : path.slice(known.length + 1);
    return resolveLinks((at) => this.#linkAt(at), rest, { from: known });
  }

  /** Where a directory's path leads, made with its parents if it is not there. Throws `invalid-archive` if a file is. */
  resolveDirectory(path: TreePath): TreePath {
    if (this.#known.has(path)) return path;
    const resolved = this.resolve(path);
    const unknown: TreePath[] = [];
    for (let at = resolved; !this.#known.has(at); at = parentOf(at)) unknown.push(at);
    for (const directory of unknown.reverse()) this.#ensure(directory);
    return resolved;
  }

  /** Paths of what is in a directory. */
  children(directory: TreePath): readonly TreePath[] {
    return hostNames(this.textPath(directory)).map((name) => joinPath(directory, name));
  }

  /** Removes what lies at a path, with all below it, and says which directories went. */
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
      throw new MkimageError('invalid-archive', `\`${path}\` is no directory and has something in it`);
    }
    this.#make(path);
    this.#known.add(path);
  }

  /** overlayfs' mark of a deleted name gives way. */
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
