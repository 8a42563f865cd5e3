/** Shell text that makes all mounts of a step, or some of them, below one directory. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TreePath } from '../content/index.ts';
import { fstabLine, quoted } from './fstab.ts';
import type { Mount } from './mount-plan.ts';

export interface Mounting {
  /** In their order. */
  readonly mounts: readonly Mount[];
  /** The mounts among them that the way to others leads through, and whose files others may change meanwhile. */
  readonly crossed: ReadonlySet<TreePath>;
  /** What goes before every target. */
  readonly root: string;
  /** Where tables for mount(8) are written; the text runs there. */
  readonly scratch: string;
  /** Tells the tables of several calls apart. */
  readonly name: string;
  /** What is to be done when everything is mounted and no link can lead astray. */
  readonly finally: readonly string[];
}

/**
 * All targets are resolved already. So that none leads elsewhere by a link that was put there since, crossed mounts have no
 * symlinks (`nosymfollow`) until all is mounted.
 */
export function mountSteps({ mounts, crossed, root, scratch, name, finally: last }: Mounting): readonly string[] {
  const pinned = mounts.map((mount) =>
    isPinned(mount, crossed) ? { ...mount, options: [...mount.options, 'nosymfollow'] } : mount,
  );
  const mounting = inStages(pinned).flatMap((stage, index) => {
    const table = `${name}${index}`;
    writeFileSync(join(scratch, table), stage.map((mount) => fstabLine(mount, root)).join(''));
    const making = stage[0]?.makeInside === undefined ? [] : [makeMountPoint(stage[0], root)];
    return [...making, `mount -n -c -a -T ${table}`];
  });
  return [...mounting, ...last, ...letFollow(mounts, crossed, root)];
}

/**
 * Mounts in the order given, cut where a mount point can only be made after those before it are mounted. All but the first
 * of a part need nothing made.
 */
function inStages(mounts: readonly Mount[]): readonly (readonly Mount[])[] {
  const stages: Mount[][] = [[]];
  for (const mount of mounts) {
    if (mount.makeInside === undefined) stages.at(-1)!.push(mount);
    else stages.push([mount]);
  }
  return stages.filter((stage) => stage.length > 0);
}

/** Shell text that makes the mount point of a stage's first mount. */
function makeMountPoint(mount: Mount, root: string): string {
  const target = `${root}/${mount.target}`;
  if (mount.makeInside === 'directory') return `mkdir -p ${quoted(target)}`;
  return `mkdir -p ${quoted(dirname(target))} && : >>${quoted(target)}`;
}

/** Gives the mounts their symlinks back, innermost first. */
function letFollow(mounts: readonly Mount[], crossed: ReadonlySet<TreePath>, root: string): readonly string[] {
  const pinned = mounts.filter((mount) => isPinned(mount, crossed)).reverse();
  return pinned.map(({ target, options }) => {
    const flags = ['remount', 'bind', 'symfollow', ...options.filter((option) => option !== 'bind')];
    return `mount -n -c -o ${flags.join()} ${quoted(target === '' ? root : `${root}/${target}`)}`;
  });
}

function isPinned({ type, target }: Mount, crossed: ReadonlySet<TreePath>): boolean {
  return type === 'bind' && crossed.has(target);
}
