/** overlayfs' own marks of what is hidden (kernel documentation, filesystems/overlayfs, "whiteouts and opaque directories"). */
import { constants } from 'node:fs';
import { makeNode } from '../calls/nodes.ts';
import { setXattr } from '../calls/xattrs.ts';

/** Puts the mark of a deleted name, given as path text. */
export function markDeleted(file: string): void {
  makeNode(file, constants.S_IFCHR, { major: 0, minor: 0 });
}

/** Marks a directory as hiding what is below: for mounts by root, or for those in a user namespace, which may not do the first. */
export function markOpaque(directory: string): void {
  try {
    setXattr(directory, 'trusted.overlay.opaque', Buffer.from('y'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    setXattr(directory, 'user.overlay.opaque', Buffer.from('y'));
  }
}
