import { closeSync, fstatSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createOwnedName } from './file-name.ts';

/** Returns the file system's current time in ms. The age of a file must be computed with this clock only. */
export function readFileClock(folder: string): number {
  const probe = join(folder, createOwnedName('clock'));
  const file = openSync(probe, 'wx', 0o600);
  try {
    return fstatSync(file).mtimeMs;
  } finally {
    closeSync(file);
    rmSync(probe, { force: true });
  }
}
