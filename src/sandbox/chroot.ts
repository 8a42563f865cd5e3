import { statSync } from 'node:fs';

/**
 * Whether this process sees another root than the first process does. A mount namespace made in a chroot has the same top as
 * the one outside, and pivot_root(2) does not hide it from who has CAP_SYS_CHROOT.
 */
export function isInChroot(firstRoot = '/proc/1/root/.'): boolean {
  try {
    const [first, own] = [statSync(firstRoot), statSync('/.')];
    return first.ino !== own.ino || first.dev !== own.dev;
  } catch {
    return true; // it may not be looked at: taken for one, which costs a bind mount
  }
}
