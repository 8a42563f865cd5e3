import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { nameOf, type TreePath } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { descriptorPath, makeDirectories, openDirectory, openExactly, resolveRealPath } from '../host/index.ts';
import { toFsName } from '../tar/index.ts';

/** Opens a name without reading the object: a flag of open(2) for which Node has no constant. */
const O_PATH = 0o10000000;

/**
 * A directory of the host into which files are written while another process may put links there. Objects are never
 * accessed by their full path: each directory is opened, the kernel reports whether it is the expected one, and
 * objects in it are named relative to the descriptor. At most one directory is open at a time.
 */
export class OutputDirectory implements Disposable {
  /** Real path of the directory. */
  readonly root: string;
  #held: { readonly path: TreePath; readonly descriptor: number } | undefined;

  private constructor(root: string) {
    this.root = root;
  }

  /** Opens a directory. Creates it and its parents if missing. Throws as `node:fs`. */
  static open(dest: string): OutputDirectory {
    const path = resolveRealPath(dest);
    makeDirectories(path, 0o755);
    // Targets of links in /proc have another path than the opened one, so the paths cannot be compared.
    const open = path.startsWith('/proc/') ? openSync : openExactly;
    const descriptor = open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      return new OutputDirectory(readlinkSync(descriptorPath(descriptor)));
    } finally {
      closeSync(descriptor);
    }
  }

  /** Returns a path of a directory in it for `node:fs`. Valid until another directory is requested. */
  folder(path: TreePath): string {
    if (this.#held?.path !== path) {
      const descriptor = openDirectory(this.#real(path));
      this.#release();
      this.#held = { path, descriptor };
    }
    return descriptorPath(this.#held!.descriptor);
  }

  /**
   * Returns a path of an object in it, valid until an object in another directory is requested. The caller must not
   * follow the last name if it is a link.
   */
  object(path: TreePath): string {
    requireInside(path);
    return `${this.folder(path.slice(0, Math.max(path.lastIndexOf('/'), 0)))}/${nameOf(path)}`;
  }

  /** Calls `act` with the path of an object while the current directory stays open. */
  withObject<T>(path: TreePath, act: (object: string) => T): T {
    using other = new OutputDirectory(this.root);
    return act(other.object(path));
  }

  /** Opens a descriptor that only names a directory in it; the caller closes it. */
  openFolder(path: TreePath): number {
    return openExactly(this.#real(path), O_PATH | constants.O_DIRECTORY);
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  #release(): void {
    if (this.#held !== undefined) closeSync(this.#held.descriptor);
    this.#held = undefined;
  }

  #real(path: TreePath): string | Buffer {
    if (path === '') return this.root;
    requireInside(path);
    return toFsName(`${this.root === '/' ? '' : this.root}/${path}`);
  }
}

/** Opens a descriptor that only names an object of any type; a symbolic link is not followed. */
export function openObject(object: string): number {
  return openSync(toFsName(object), O_PATH | constants.O_NOFOLLOW);
}

function requireInside(path: TreePath): void {
  const isUnsafe = path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'));
  if (isUnsafe)
    throw new MkimageError('invalid-archive', `write \`${path}\`: the path leads out of the root filesystem`);
}
