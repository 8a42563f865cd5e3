import { closeSync, constants, mkdirSync, openSync, readlinkSync } from 'node:fs';
import { nameOf, type TreePath } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { descriptorPath, openDirectory, openExactly, resolveRealPath } from '../host/index.ts';
import { toFsName } from '../tar/index.ts';

/** Only names an object; the one flag of open(2) that Node has no word for. */
const O_PATH = 0o10000000;

/**
 * A directory of the host that is written to, in which somebody else may put links at the same time. Nothing in it is reached by
 * its whole path: a directory is opened, the kernel says whether it is the one that was meant, and what is in it has names
 * below the descriptor. One directory is held open at a time.
 */
export class OutputDirectory implements Disposable {
  /** Real path of the whole. */
  readonly root: string;
  #held: { readonly path: TreePath; readonly descriptor: number } | undefined;

  private constructor(root: string) {
    this.root = root;
  }

  /** Opens a directory, which is made with its parents if it is not there. Throws like `node:fs`. */
  static open(dest: string): OutputDirectory {
    const path = resolveRealPath(dest);
    mkdirSync(path, { recursive: true, mode: 0o755 });
    // What the links of /proc lead to has another path than this.
    const open = path.startsWith('/proc/') ? openSync : openExactly;
    const descriptor = open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      return new OutputDirectory(readlinkSync(descriptorPath(descriptor)));
    } finally {
      closeSync(descriptor);
    }
  }

  /** A directory in it, for `node:fs`, until another one is asked for. */
  folder(path: TreePath): string {
    if (this.#held?.path !== path) {
      const descriptor = openDirectory(this.#real(path));
      this.#release();
      this.#held = { path, descriptor };
    }
    return descriptorPath(this.#held!.descriptor);
  }

  /** An object in it, until one in another directory is asked for. The last name is the caller's not to follow. */
  object(path: TreePath): string {
    requireInside(path);
    return `${this.folder(path.slice(0, Math.max(path.lastIndexOf('/'), 0)))}/${nameOf(path)}`;
  }

  /** Does something with two objects at a time. */
  withObject<T>(path: TreePath, work: (object: string) => T): T {
    using other = new OutputDirectory(this.root);
    return work(other.object(path));
  }

  /** A descriptor that only names a directory in it; the caller closes it. */
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

/** A descriptor that only names an object, whatever it is: a symbolic link itself. */
export function openObject(object: string): number {
  return openSync(toFsName(object), O_PATH | constants.O_NOFOLLOW);
}

function requireInside(path: TreePath): void {
  const isUnsafe = path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'));
  if (isUnsafe) throw new MkimageError('invalid-archive', `write \`${path}\`: it leads out of the root filesystem`);
}
