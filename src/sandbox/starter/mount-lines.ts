import { dirname } from 'node:path/posix';
import type { TreePath } from '../../content/index.ts';
import type { Mount } from '../mounts/mount-plan.ts';
import type { Line } from './table.ts';

/** linux/mount.h. */
const FLAGS: Readonly<Record<string, number>> = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  remount: 32,
  bind: 0x1000,
  rbind: 0x5000,
  rw: 0,
};
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_REMOUNT = 32;
const MS_PRIVATE = 0x4_0000;

const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const O_DIRECTORY = 0o200000;
const S_IFREG = 0o100000;
const AT_FDCWD = -100;
const EEXIST = 17;
const EPERM = 1;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
/** Read-only, nosuid, nodev and noexec. */
const MOUNT_ATTR_HARMLESS = 0x0f;
/** linux/openat2.h: follow no symlinks, and do not leave the directory of the descriptor. */
const RESOLVE = 0x02 | 0x04 | 0x08;

/** The descriptor of the step's root during the setup. */
export const ROOT = 4;
/** The descriptor for temporary use. */
export const OTHER = 5;

/** Makes all mounts private: mounts and unmounts do not propagate to other namespaces. */
export function makePrivate(): Line {
  return { name: 'mount', args: ['none', '/', 0, MS_REC | MS_PRIVATE, 0], doing: 'make mounts private' };
}

/** Makes one mount on a path of this process, whose working directory is the step's scratch. */
export function mountOn(path: string, mount: Omit<Mount, 'target'>): readonly Line[] {
  const { flags, data } = flagsOf(mount.options);
  const doing = `mount ${mount.type} on \`${path}\``;
  if (mount.type !== 'bind') return [{ name: 'mount', args: [mount.source, path, mount.type, flags, data], doing }];
  return [
    { name: 'mount', args: [mount.source, path, 0, flags & (MS_BIND | MS_REC), 0], doing },
    {
      name: 'mount',
      args: [0, path, 0, MS_REMOUNT | MS_BIND | (flags & ~MS_REC), 0],
      doing: `${doing}: set its flags`,
    },
  ];
}

/** Opens the mounted root, which all targets are resolved from. */
export function openRoot(path: string): Line {
  const args = [AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC];
  return { name: 'openat', args, doing: 'open the root', expect: ROOT, onOther: 'failed' };
}

/**
 * Makes mounts below the root, in the given order. Targets contain no symlinks. A symlink that another step creates meanwhile, in a shared
 * directory, is not followed: each target is opened without following symlinks, and the mount uses its descriptor.
 */
export function mountsBelowRoot(mounts: readonly Mount[]): readonly Line[] {
  return mounts.flatMap((mount) => [...mountPoint(mount), ...mountBelowRoot(mount)]);
}

/** Creates a directory below the root with its parents, and sets the owner of the new ones. */
export function makeDirectoriesBelowRoot(
  path: TreePath,
  owner?: { readonly uid: number; readonly gid: number },
): readonly Line[] {
  const names = path.split('/');
  return names.flatMap((name, depth): readonly Line[] => {
    const doing = `make \`/${path}\``;
    const made = Symbol('made');
    const chown: Line[] =
      owner === undefined
        ? []
        : [{ name: 'fchownat', args: [OTHER, name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW], doing }];
    return [
      openBelowRoot(names.slice(0, depth).join('/'), O_DIRECTORY),
      { name: 'mkdirat', args: [OTHER, name, 0o755], doing, tolerate: [EEXIST], onTolerated: made },
      ...chown,
      { label: made },
      closeOther(),
    ];
  });
}

const AT_SYMLINK_NOFOLLOW = 0x100;

function mountPoint({ makeInside, target }: Mount): readonly Line[] {
  if (makeInside === undefined) return [];
  if (makeInside === 'directory') return makeDirectoriesBelowRoot(target);
  const parent = dirname(`/${target}`).slice(1);
  const name = target.slice(target.lastIndexOf('/') + 1);
  const doing = `make \`/${target}\``;
  return [
    ...(parent === '' ? [] : makeDirectoriesBelowRoot(parent)),
    openBelowRoot(parent, O_DIRECTORY),
    // An object that another step may have created there, such as a pipe, is not opened; the mount covers it.
    { name: 'mknodat', args: [OTHER, name, S_IFREG | 0o644, 0], doing, tolerate: [EEXIST] },
    closeOther(),
  ];
}

function mountBelowRoot(mount: Mount): readonly Line[] {
  const { flags, data } = flagsOf(mount.options);
  const here = `/proc/self/fd/${OTHER}`;
  const source = mount.sourceInRoot === true ? `/proc/self/fd/${ROOT}/${mount.source}` : mount.source;
  const doing = `mount ${mount.type} on \`/${mount.target}\``;
  const on = (args: readonly (string | number)[]): readonly Line[] => [
    openBelowRoot(mount.target),
    { name: 'mount', args, doing },
    closeOther(),
  ];
  if (mount.type === 'sysfs') return mountSysfs(mount, [source, here, mount.type, flags, data]);
  if (mount.type !== 'bind') return on([source, here, mount.type, flags, data]);
  return [
    ...on([source, here, 0, flags & (MS_BIND | MS_REC), 0]),
    ...on([0, here, 0, MS_REMOUNT | MS_BIND | (flags & ~MS_REC), 0]),
  ];
}

/**
 * Mounts sysfs. With the network of the host, a user namespace may not: then binds the host's with all that is mounted in it, such as
 * control groups that the user may write to, and makes all of it read-only.
 */
function mountSysfs({ target }: Mount, args: readonly (string | number)[]): readonly Line[] {
  const doing = `mount sysfs on \`/${target}\``;
  const [mounted, bind] = [Symbol('mounted'), Symbol('bind')];
  const here = args[1]!;
  const change = Buffer.from(new BigUint64Array([BigInt(MOUNT_ATTR_HARMLESS), 0n, 0n, 0n]).buffer);
  return [
    openBelowRoot(target),
    { name: 'mount', args, doing, tolerate: [EPERM], onTolerated: bind, onExpected: mounted },
    { label: bind },
    { name: 'mount', args: ['/sys', here, 0, MS_BIND | MS_REC, 0], doing },
    closeOther(),
    openBelowRoot(target),
    { name: 'mount_setattr', args: [OTHER, '', AT_EMPTY_PATH | AT_RECURSIVE, change, change.length], doing },
    { label: mounted },
    closeOther(),
  ];
}

function openBelowRoot(path: TreePath, flags = 0): Line {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(O_PATH | O_CLOEXEC | flags), 0);
  how.writeBigUInt64LE(BigInt(RESOLVE), 16);
  const args = [ROOT, path === '' ? '.' : path, how, how.length];
  return { name: 'openat2', args, doing: `find \`/${path}\``, expect: OTHER, onOther: 'failed' };
}

function closeOther(): Line {
  return { name: 'close', args: [OTHER], doing: 'close a directory' };
}

function flagsOf(options: readonly string[]): { readonly flags: number; readonly data: string | 0 } {
  const known = options.filter((option) => Object.hasOwn(FLAGS, option));
  const others = options.filter((option) => !Object.hasOwn(FLAGS, option));
  return {
    flags: known.reduce((flags, option) => flags | FLAGS[option]!, 0),
    data: others.length === 0 ? 0 : others.join(','),
  };
}
