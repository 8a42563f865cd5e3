import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { thisUser } from '../owners/this-process.ts';

export interface WholeFileOptions {
  readonly mode: number;
  /** Sets the owner, and the file survives a power failure: for files that a user wrote. */
  readonly owner?: FileOwner;
}

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes a file atomically: readers see the old content or the new text. The temporary name beside it cannot be guessed and is
 * created exclusively, so nobody who may write to the folder can redirect the text. A symlink at `path` is replaced. Throws like
 * `node:fs`.
 */
export function writeWholeFile(path: string, text: string, { mode, owner }: WholeFileOptions): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  const file = openSync(temporary, 'wx', mode & 0o777);
  try {
    try {
      writeFileSync(file, text);
      if (owner !== undefined) {
        setOwner(file, mode, owner);
        fsyncSync(file);
      }
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Sets the owner before the mode, because a change of owner removes setuid and setgid. */
function setOwner(file: number, mode: number, { uid, gid }: FileOwner): void {
  const own = thisUser();
  if (uid !== own.uid || gid !== own.gid) fchownSync(file, uid, gid);
  fchmodSync(file, mode);
}
