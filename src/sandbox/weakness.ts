import { statSync } from 'node:fs';
import type { Isolation } from './select.ts';

/** What a step of the chosen sandbox is less kept from than a person may think, one sentence each. */
export function weaknessesOf(chosen: string, wanted: Isolation, firstRoot = '/proc/1/root/.'): readonly string[] {
  const sentences: string[] = [];
  if (chosen === 'namespaces' && wanted === 'auto') {
    sentences.push(
      'steps run in namespaces alone, without a seccomp filter: crun or runc, if installed, would add one',
    );
  }
  if (isInChroot(firstRoot)) {
    sentences.push(
      'mkimage runs in a chroot: a step that runs as root can find its way out of that, as root always can',
    );
  }
  return sentences;
}

/**
 * No mount namespace made in a chroot has another top than the one outside, and neither pivot_root(2) nor a mount on top
 * of `/` hides it from who has CAP_SYS_CHROOT. The root of the first process tells, where it may be looked at.
 */
function isInChroot(firstRoot: string): boolean {
  try {
    const [first, own] = [statSync(firstRoot), statSync('/.')];
    return first.ino !== own.ino || first.dev !== own.dev;
  } catch {
    return false;
  }
}
