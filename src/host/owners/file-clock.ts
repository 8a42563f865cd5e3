import { closeSync, fstatSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { newName } from './file-name.ts';

/** The time by the clock that stamps this folder's files, in ms: ages are compared with nothing else. */
export function fileSystemNow(folder: string): number {
  const probe = join(folder, newName('clock'));
  const file = openSync(probe, 'wx', 0o600);
  try {
    return fstatSync(file).mtimeMs;
  } finally {
    closeSync(file);
    rmSync(probe, { force: true });
  }
}
