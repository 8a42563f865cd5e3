import { renameSync } from 'node:fs';
import { removeTree } from '../trees/remove-tree.ts';

const IN_THE_WAY = new Set(['EISDIR', 'ENOTEMPTY', 'EEXIST']);

/** Renames a file. Removes a folder that is at the new path. Throws as `node:fs`. */
export function renameOver(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!IN_THE_WAY.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    removeTree(to);
    renameSync(from, to);
  }
}
