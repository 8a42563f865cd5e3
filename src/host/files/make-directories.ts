import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../owners/store-error.ts';

/**
 * Makes a directory and its missing parents, like `mkdirSync` with `recursive`. That one never returns where a file
 * system answers ENOENT although the parent exists, as /proc does; this one throws the error. `mode` counts for every
 * directory that is made, within the umask. An existing directory is no error.
 */
export function makeDirectories(path: string, mode: number): void {
  if (tryMake(path, mode)) return;
  const parent = dirname(path);
  if (parent !== path) makeDirectories(parent, mode);
  // Another process may have made it meanwhile. What is missing still is an error now.
  if (!tryMake(path, mode)) mkdirSync(path, { mode });
}

/** Returns false if a parent is missing. */
function tryMake(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    if (errnoOf(error) === 'EEXIST' && statSync(path).isDirectory()) return true;
    throw error;
  }
}
