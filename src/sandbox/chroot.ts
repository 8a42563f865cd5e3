import { statSync } from 'node:fs';

/**
 * Returns true if this process has another root than process 1. A mount namespace that is created in a chroot has the same top as the
 * one outside, and pivot_root(2) does not hide the top from a process with CAP_SYS_CHROOT.
 */
export function isInChroot(firstRoot = '/proc/1/root/.'): boolean {
  try {
    const [first, own] = [statSync(firstRoot), statSync('/.')];
    return first.ino !== own.ino || first.dev !== own.dev;
  } catch {
    return true; // cannot be checked: assume a chroot, which only costs a bind mount
  }
}
