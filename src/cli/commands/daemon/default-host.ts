import { join } from 'node:path';
import type { Terminal } from '../../terminal.ts';

/** The address of the daemon of this user. */
export function findDefaultHost({ XDG_RUNTIME_DIR }: Terminal['env']): string {
  const isRoot = process.geteuid?.() === 0;
  return `unix://${isRoot || !XDG_RUNTIME_DIR ? '/run/mkimage.sock' : join(XDG_RUNTIME_DIR, 'mkimage.sock')}`;
}
