/** Writes the marks that overlayfs uses to hide objects (kernel documentation, filesystems/overlayfs, "whiteouts and opaque directories"). */
import { constants } from 'node:fs';
import { makeNode } from '../calls/nodes.ts';
import { setXattr } from '../calls/xattrs.ts';

/** Marks a name as deleted. `file` is path text. */
export function markDeleted(file: string): void {
  makeNode(file, constants.S_IFCHR, { major: 0, minor: 0 });
}

/** Marks a directory as opaque: it hides the content of lower directories. In a user namespace, only the `user.` attribute is permitted. */
export function markOpaque(directory: string): void {
  try {
    setXattr(directory, 'trusted.overlay.opaque', Buffer.from('y'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    setXattr(directory, 'user.overlay.opaque', Buffer.from('y'));
  }
}
