import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Folders with the host's programs. They are fixed, so that no variable of the caller or of an image can change them. */
export const HOST_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

export const HOST_PATH = HOST_FOLDERS.join(':');

/** Returns the absolute path of a host program; undefined if it is not found. */
export function findHostProgram(name: string): string | undefined {
  return HOST_FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
