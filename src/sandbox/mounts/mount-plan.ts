import { chownSync } from 'node:fs';
import { join } from 'node:path';
import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import type { Stack } from '../../host/index.ts';
import type { Rootfs } from '../../snapshot/index.ts';
import { MountPoints, makeInStack } from './mount-points.ts';
import { type Mounted, type Place, resolveInRoot } from './root-view.ts';

/** One mount(2), its target resolved. */
export interface Mount {
  readonly type: 'bind' | 'overlay' | 'tmpfs' | 'proc' | 'sysfs' | 'devpts' | 'mqueue';
  /** A host path, or a name, depending on the type. */
  readonly source: string;
  /** The source is a path in the step's root (files of the kernel that are mounted there already). */
  readonly sourceInRoot?: boolean;
  readonly target: TreePath;
  readonly options: readonly string[];
  /** The mount point is inside another mount of the step, and is created after that one is mounted. */
  readonly makeInside?: 'file' | 'directory';
}

/**
 * Where mount points inside a mount are created: in a host directory that no other process writes to; in the mount itself after it is
 * mounted (a tmpfs, or a cache that other steps may be changing); or nowhere.
 */
type Writable =
  | { readonly kind: 'stack'; readonly stack: Stack }
  | { readonly kind: 'inside' }
  | { readonly kind: 'no' };

/** A mount without a resolved target: the content that will be visible there, and where mount points in it can be created. */
export interface PlannedMount extends Omit<Mount, 'target' | 'makeInside'> {
  readonly at: Mounted;
  readonly writable: Writable;
}

/**
 * Resolves the target of each mount of one step, in order, and creates missing mount points. A later target may be inside an earlier
 * mount.
 */
export class MountPlan {
  readonly mounts: Mount[] = [];
  /** Paths that were created in the root, which the diff must ignore. */
  readonly made = new Set<TreePath>();
  readonly #root: Stack;
  readonly #points = new MountPoints();
  #protected: { readonly paths: readonly TreePath[]; readonly exceptions: readonly TreePath[] } | undefined;
  readonly #mounted = new Map<TreePath, { readonly at: Mounted; readonly writable: Writable }>();

  constructor(rootfs: Rootfs) {
    this.#root = rootfs.kind === 'overlay' ? [rootfs.upper, ...rootfs.lowers] : [rootfs.path];
  }

  /** The directories of the root, topmost first. */
  get root(): Stack {
    return this.#root;
  }

  /** Resolves a path, as if all mounts planned so far were mounted. */
  resolve(path: string): Place {
    return resolveInRoot(this.#root, path, (at) => this.#mounted.get(at)?.at);
  }

  /**
   * Refuses further mounts on or below these paths, except the exceptions and paths below them. A build file must not replace files of
   * the kernel, because runtimes and masks rely on them (CVE-2025-31133 and similar).
   */
  protect(paths: readonly TreePath[], exceptions: readonly TreePath[]): void {
    this.#protected = { paths, exceptions };
  }

  /** Plans a mount at `target` and returns the resolved path. Symlinks are followed inside the root. */
  add(target: string, { at, writable, ...mount }: PlannedMount): TreePath {
    const place = this.resolve(target);
    if (place.path === '') throw new MkimageError('sandbox', `mount \`${target}\`: it leads to the root itself`);
    this.#refuseProtected(target);
    const wanted = at.kind === 'file' ? 'file' : 'directory';
    const makeInside = this.#ensure(target, place, wanted);
    this.mounts.push({ ...mount, target: place.path, ...(makeInside ? { makeInside: wanted } : {}) });
    this.#mounted.set(place.path, { at, writable });
    return place.path;
  }

  /** Plans a mount inside /proc or /sys, which contain no symlinks of an image. */
  addInKernelFiles(mount: Mount): void {
    this.mounts.push(mount);
  }

  /**
   * Creates a directory that is kept, such as a missing working directory (0755, owned by the user). Does not create directories inside
   * a mount.
   */
  makeDirectory(path: string, owner: { readonly uid: number; readonly gid: number }): void {
    const place = this.resolve(path);
    if (place.kind !== 'missing') return;
    const { writable, inside } = this.#writableAt(place.path);
    if (writable.kind !== 'stack') return;
    for (const made of makeInStack(writable.stack, inside, 'directory')) {
      chownSync(join(writable.stack[0]!, made.path), owner.uid, owner.gid);
    }
  }

  /** Removes the created mount points. */
  clean(): void {
    this.#points.remove();
  }

  /** Returns true if the resolved path must not be a mount point. */
  isProtected(path: string): boolean {
    const place = this.resolve(path).path;
    const isBelow = (top: TreePath) => place === top || place.startsWith(`${top}/`);
    if (this.#protected === undefined || this.#protected.exceptions.some(isBelow)) return false;
    return this.#protected.paths.some(isBelow);
  }

  #refuseProtected(target: string): void {
    if (!this.isProtected(target)) return;
    throw new MkimageError('sandbox', `mount \`${target}\`: nothing can be mounted on or below /proc, /sys and /dev`, {
      hint: 'only /dev/shm may be mounted over',
    });
  }

  /** Returns true if the mount point must be created later, inside a mount. */
  #ensure(target: string, place: Place, wanted: 'file' | 'directory'): boolean {
    if (place.kind === wanted) return false;
    if (place.kind !== 'missing')
      throw new MkimageError('sandbox', `mount \`${target}\`: a ${wanted} cannot be mounted on a ${place.kind}`);
    const { writable, inside, prefix } = this.#writableAt(place.path);
    if (writable.kind === 'no') {
      throw new MkimageError(
        'sandbox',
        `mount \`${target}\`: \`/${place.path}\` does not exist in what is mounted at \`/${prefix}\``,
      );
    }
    if (writable.kind === 'inside') return true;
    this.#points.make(writable.stack, inside, wanted);
    if (prefix === '') this.made.add(place.path);
    return false;
  }

  #writableAt(path: TreePath): { readonly writable: Writable; readonly inside: TreePath; readonly prefix: TreePath } {
    const names = path.split('/');
    for (let depth = names.length - 1; depth > 0; depth--) {
      const prefix = names.slice(0, depth).join('/');
      const mounted = this.#mounted.get(prefix);
      if (mounted !== undefined) return { writable: mounted.writable, inside: names.slice(depth).join('/'), prefix };
    }
    return { writable: { kind: 'stack', stack: this.#root }, inside: path, prefix: '' };
  }
}
