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
  /** What the type wants: a host path, or just a name. */
  readonly source: string;
  /** The source is a path of the step's root (the kernel's own files, already mounted there). */
  readonly sourceInRoot?: boolean;
  readonly target: TreePath;
  readonly options: readonly string[];
  /** The mount point lies in a mount of the step and is only made once that is mounted. */
  readonly makeInside?: 'file' | 'directory';
}

/**
 * Where new mount points below a mount go: into a directory of the host that nobody else writes to, into the mount itself
 * once it is there (a tmpfs; a cache, which other steps may be changing at this moment), nowhere.
 */
type Writable =
  | { readonly kind: 'stack'; readonly stack: Stack }
  | { readonly kind: 'inside' }
  | { readonly kind: 'no' };

/** A mount whose place is not known yet: what will be seen there, and whether something can be made in it. */
export interface PlannedMount extends Omit<Mount, 'target' | 'makeInside'> {
  readonly at: Mounted;
  readonly writable: Writable;
}

/**
 * Decides where each mount of one step really goes, in order, and makes the mount points that are missing. A later target
 * may lie inside an earlier mount.
 */
export class MountPlan {
  readonly mounts: Mount[] = [];
  /** Paths of the root that had to be made, for the diff. */
  readonly made = new Set<TreePath>();
  readonly #root: Stack;
  readonly #points = new MountPoints();
  #protected: { readonly paths: readonly TreePath[]; readonly exceptions: readonly TreePath[] } | undefined;
  readonly #mounted = new Map<TreePath, { readonly at: Mounted; readonly writable: Writable }>();

  constructor(rootfs: Rootfs) {
    this.#root = rootfs.kind === 'overlay' ? [rootfs.upper, ...rootfs.lowers] : [rootfs.path];
  }

  /** The directories that make up the root, topmost first. */
  get root(): Stack {
    return this.#root;
  }

  /** Where a path leads with all that is planned so far mounted. */
  resolve(path: string): Place {
    return resolveInRoot(this.#root, path, (at) => this.#mounted.get(at)?.at);
  }

  /**
   * Lets no further mount go on or below these paths, but for the exceptions and what is below them: what the kernel shows
   * there must not be replaced by what a build file chooses, since runtimes and masks rely on it (CVE-2025-31133 and kin).
   */
  protect(paths: readonly TreePath[], exceptions: readonly TreePath[]): void {
    this.#protected = { paths, exceptions };
  }

  /** Plans a mount at `target` (as written; symlinks are followed inside the root) and returns where it really goes. */
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

  /** Plans a mount inside /proc or /sys, which hold no symlinks of an image's making. */
  addInKernelFiles(mount: Mount): void {
    this.mounts.push(mount);
  }

  /**
   * Makes a directory that stays, as a missing working directory is made (0755, the user's). What is missing inside a mount
   * is left to who mounts.
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

  /** Takes away the mount points that were made. */
  clean(): void {
    this.#points.remove();
  }

  /** Whether a path leads to where nothing more may be mounted. */
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

  /** True if the mount point is to be made later, inside a mount. */
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
