import { accessSync, constants, lstatSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { thisUser } from '../../host/index.ts';
import type { Maker } from '../../snapshot/index.ts';

const PREFIX = 'mkimage-secret-';

/** `f_type` of statfs(2) for tmpfs and ramfs. */
const IN_MEMORY: readonly number[] = [0x01021994, 0x858458f6];

/**
 * Makes a directory for secrets in memory. Its name identifies its maker, so that the next build with secrets removes
 * what a killed build left. Throws `unsupported` if the machine has no writable place in memory.
 */
export function makeSecretDirectory({ name, livenessOf }: Maker, parents = placesInMemory()): string {
  const parent = parents.find(isWritableMemory);
  if (parent === undefined) throw noMemory(parents);
  for (const stray of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const owner = stray.slice(PREFIX.length, stray.lastIndexOf('-'));
    const path = join(parent, stray);
    if (livenessOf(owner) === 'dead' && isOurs(path)) rmSync(path, { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${PREFIX}${name}-`));
}

function placesInMemory(): readonly string[] {
  return ['/dev/shm', `/run/user/${thisUser().uid}`, '/run'];
}

function isWritableMemory(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return IN_MEMORY.includes(statfsSync(directory).type);
  } catch {
    return false;
  }
}

function noMemory(parents: readonly string[]): MkimageError {
  const places = parents.join(', ');
  return new MkimageError('unsupported', `keep a secret in memory: none of ${places} is a writable tmpfs`, {
    hint: 'mount a tmpfs at /dev/shm, or give the step the secret as a variable: `--mount=type=secret,id=…,env=NAME`',
  });
}

/**
 * Other users can make a directory with such a name there, and change it while it is being removed. So the owner is
 * checked.
 */
function isOurs(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === thisUser().uid;
}
