import { chmodSync, chownSync, lstatSync, mkdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { findInStack, getXattr, isWhiteout, listXattrs, type Stack, setTimes, setXattr } from '../../host/index.ts';

/** A file or directory that was made to be mounted over, known again by its inode. */
interface Stub extends Made {
  /** The writable directory in which it was made. */
  readonly top: string;
  readonly inode: bigint;
}

interface Made {
  readonly path: TreePath;
  readonly kind: 'file' | 'directory';
}

/**
 * The places for mounts that an image lacks: made before a step, taken away after it. Nothing else runs in the root at
 * either time, and no component that is a symlink is ever gone through. Directories that only had to be repeated in the
 * upper directory keep the attributes and times of those below, so that a diff sees nothing.
 */
export class MountPoints {
  readonly #stubs: Stub[] = [];

  /** Makes a resolved path below `stack[0]`; it must not exist. Directories on the way are made too. */
  make(stack: Stack, path: TreePath, kind: 'file' | 'directory'): void {
    for (const made of makeInStack(stack, path, kind)) {
      const inode = lstatSync(join(stack[0]!, made.path), { bigint: true }).ino;
      this.#stubs.push({ top: stack[0]!, inode, ...made });
    }
  }

  /** Takes away what was made and is still as it was: the same inode, empty, and no symlink on the way. */
  remove(): void {
    for (const stub of this.#stubs.splice(0).reverse()) {
      if (isUntouched(stub)) removeStub(stub);
    }
  }
}

/**
 * Makes a path in the topmost directory of a stack, 0755 or 0644 and root's, and returns what is really new. Directories
 * that exist below are only repeated. Throws `sandbox` if something is in the way.
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
    throw new MkimageError('sandbox', `make mount point \`/${path}\`: something is in the way`);
  }
  const below = existing === undefined ? stackBelow(stack.slice(1), path) : [];
  if (below.length > 0) {
    repeatDirectory(below[0]!, file);
    return [];
  }
  keepingTimes(dirname(file), () => makeStub(file, kind, existing !== undefined));
  return [{ path, kind }];
}

/** Does something in a directory and puts its times back. */
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

/** A directory of the layers below once more in the upper one, as overlayfs itself would copy it up. */
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
