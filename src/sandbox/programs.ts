import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../errors.ts';

/** Folders with the host's programs. They are fixed, so that no variable of the caller or of an image can change them. */
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

/** The environment of the host's programs that prepare a step. It selects the old mount calls, whose options are limited to a page. */
export const HOST_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: FOLDERS.join(':'),
  LC_ALL: 'C',
  LIBMOUNT_FORCE_MOUNT2: 'always',
};

/** Returns the absolute path of a host program; undefined if it is not found. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
}

/** Returns the absolute path of a host program. Throws `sandbox` if it is not found. */
export function programPath(name: string): string {
  const found = findProgram(name);
  if (found !== undefined) return found;
  throw new MkimageError('sandbox', `find program \`${name}\`: it is in none of ${FOLDERS.join(', ')}`, {
    hint: 'runtimes need a shell and util-linux (mount) beside them; --isolation=namespaces needs no program',
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
