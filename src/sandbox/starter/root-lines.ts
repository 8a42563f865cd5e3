import { ROOT } from './mount-lines.ts';
import { ALL_ERRORS, type Line } from './table.ts';

const AT_FDCWD = -100;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const CLONE_NEWNS = 0x0002_0000;
const MNT_DETACH = 2;
const MS_MOVE = 0x2000;
const EINVAL = 22;

/**
 * For a process in a chroot, before other mounts: makes the chroot the root of the mount namespace, so that nothing above it remains when
 * a runtime of the host changes the root. `outer` is an empty directory; `directory` becomes the working directory.
 */
export function leaveChroot(outer: string, directory: string): readonly Line[] {
  const doing = 'make the chroot a root';
  return [
    { name: 'mount', args: ['/', outer, 0, MS_BIND | MS_REC, 0], doing },
    { name: 'openat', args: [AT_FDCWD, outer, O_PATH | O_CLOEXEC], doing, expect: ROOT, onOther: 'failed' },
    ...showTop(doing),
    { name: 'fchdir', args: [ROOT], doing },
    { name: 'pivot_root', args: ['.', '.'], doing },
    { name: 'umount2', args: ['.', MNT_DETACH], doing },
    { name: 'chdir', args: [directory], doing },
    { name: 'close', args: [ROOT], doing },
  ];
}

/** In a chroot, the top of the mount namespace is hidden. Joining the process's own namespace again makes it visible. */
function showTop(doing: string): readonly Line[] {
  const joined = Symbol('joined');
  return [
    {
      name: 'openat',
      args: [AT_FDCWD, '/proc/self/ns/mnt', O_CLOEXEC],
      doing,
      tolerate: ALL_ERRORS,
      onTolerated: joined,
    },
    { name: 'setns', args: [ROOT + 1, CLONE_NEWNS], doing, tolerate: ALL_ERRORS },
    { name: 'close', args: [ROOT + 1], doing },
    { label: joined },
  ];
}

/**
 * Makes the open root the only root. No mount of the host remains in the step's mount namespace, so a step cannot get back to the host,
 * even if mkimage runs in a chroot; and the kernel finds no unmasked /proc, which would permit a new mount of /proc. If the first root
 * is an initramfs, which cannot be left, moves the new root over it and removes the host's /proc, /sys and /dev below.
 */
export function enterRoot(): readonly Line[] {
  const [entered, moved] = [Symbol('entered'), Symbol('moved')];
  const doing = 'enter the root';
  return [
    ...showTop(doing),
    { name: 'fchdir', args: [ROOT], doing },
    { name: 'pivot_root', args: ['.', '.'], doing, tolerate: [EINVAL], onTolerated: moved },
    { name: 'umount2', args: ['.', MNT_DETACH], doing: 'leave the old root' },
    { name: 'chdir', args: ['/'], doing, onExpected: entered },
    { label: moved },
    ...['/proc', '/sys', '/dev'].map(
      (path): Line => ({ name: 'umount2', args: [path, MNT_DETACH], doing, tolerate: ALL_ERRORS }),
    ),
    { name: 'mount', args: ['.', '/', 0, MS_MOVE, 0], doing },
    { name: 'chroot', args: ['.'], doing },
    { name: 'chdir', args: ['/'], doing },
    { label: entered },
    { name: 'close', args: [ROOT], doing },
  ];
}
