import { chmodSync, chownSync, lstatSync, mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { findInStack, getXattr, isWhiteout, listXattrs, type Stack, setTimes, setXattr } from '../../host/index.ts';

/** A file or directory that was created as a mount point, identified by its inode. */
interface Stub extends Made {
  /** The writable directory in which it was created. */
  readonly top: string;
  readonly inode: bigint;
}

interface Made {
  readonly path: TreePath;
  readonly kind: 'file' | 'directory';
}

/**
 * Mount points that are missing in an image: created before a step and removed after it, while no other process runs in the root. No
 * symlink is followed. A directory that is only repeated in the upper directory gets the attributes and times of the lower directory,
 * so the diff ignores it.
 */
export class MountPoints {
  readonly #stubs: Stub[] = [];

  /** Creates a resolved path below `stack[0]`, with its parents. It must not exist. */
  make(stack: Stack, path: TreePath, kind: 'file' | 'directory'): void {
    for (const made of makeInStack(stack, path, kind)) {
      const inode = lstatSync(join(stack[0]!, made.path), { bigint: true }).ino;
      this.#stubs.push({ top: stack[0]!, inode, ...made });
    }
  }

  /** Removes the created mount points that are unchanged: the same inode, empty, and no symlink in the path. */
  remove(): void {
    for (const stub of this.#stubs.splice(0).reverse()) {
      if (isUntouched(stub)) removeStub(stub);
    }
  }
}

/**
 * Creates a path in the topmost directory of a stack, with mode 0755 or 0644 and owner root. Repeats directories that exist in lower
 * directories. Returns only the objects that are new. Throws `sandbox` if another object is in the way.
 */
export function makeInStack(stack: Stack, path: TreePath, kind: 'file' | 'directory'): readonly Made[] {
  const names = path.split('/');
  return names.flatMap((_, depth) => {
    const here = names.slice(0, depth + 1).join('/');
    return makeOne(stack, here, depth === names.length - 1 ? kind : 'directory');
  });
}

function makeOne(stack: Stack, path: TreePath, kind: 'file' | 'directory'): readonly Made[] {
  const file = join(stack[0]!, path);
  const existing = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (existing?.isDirectory() === true) return [];
  if (existing !== undefined && !isWhiteout(existing)) {
    throw new MkimageError('sandbox', `create mount point \`/${path}\`: another object is in the way`);
  }
  const below = existing === undefined ? stackBelow(stack.slice(1), path) : [];
  if (below.length > 0) {
    repeatDirectory(below[0]!, file);
    return [];
  }
  keepingTimes(dirname(file), () => makeStub(file, kind, existing !== undefined));
  return [{ path, kind }];
}

/** Runs an edit in a directory and then restores the directory's times. */
function keepingTimes(directory: string, edit: () => void): void {
  const before = lstatSync(directory, { bigint: true });
  edit();
  setTimes(directory, before);
}

function stackBelow(stack: Stack, path: TreePath): Stack {
  let here = stack;
  for (const name of path.split('/')) {
    const child = findInStack(here, name);
    if (child.kind !== 'directory') return [];
    here = child.stack;
  }
  return here;
}

/** Copies a lower directory, without its content, to the upper directory, as overlayfs does. */
function repeatDirectory(from: string, to: string): void {
  const stats = lstatSync(from, { bigint: true });
  keepingTimes(dirname(to), () => mkdirSync(to));
  chownSync(to, Number(stats.uid), Number(stats.gid));
  chmodSync(to, Number(stats.mode & 0o7777n));
  for (const name of listXattrs(from)) {
    if (!name.includes('.overlay.')) setXattr(to, name, getXattr(from, name)!);
  }
  setTimes(to, stats);
}

function makeStub(file: string, kind: 'file' | 'directory', overWhiteout: boolean): void {
  if (overWhiteout) unlinkSync(file);
  if (kind === 'file') writeFileSync(file, '', { flag: 'wx', mode: 0o644 });
  else mkdirSync(file);
  chmodSync(file, kind === 'file' ? 0o644 : 0o755);
  if (overWhiteout && kind === 'directory') setXattr(file, 'trusted.overlay.opaque', Buffer.from('y'));
}

function isUntouched({ top, path, inode, kind }: Stub): boolean {
  const names = path.split('/');
  const parents = names.slice(0, -1).map((_, depth) => join(top, ...names.slice(0, depth + 1)));
  if (!parents.every((parent) => lstatSync(parent, { throwIfNoEntry: false })?.isDirectory())) return false;
  const stats = lstatSync(join(top, path), { bigint: true, throwIfNoEntry: false });
  if (stats?.ino !== inode) return false;
  return kind === 'directory' ? stats.isDirectory() : stats.isFile() && stats.size === 0n;
}

function removeStub({ top, path, kind }: Stub): void {
  const file = join(top, path);
  keepingTimes(dirname(file), () => {
    if (kind === 'file') return unlinkSync(file);
    try {
      rmdirSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  });
}
