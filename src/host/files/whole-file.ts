import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { thisUser } from '../owners/this-process.ts';

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Puts a whole file in place: a reader sees what was there before or the new text. The temporary name beside it cannot be
 * guessed and is never one that is there already, so nobody who may write to the folder can lead the text elsewhere; a link at
 * `path` itself is replaced. `owner`: the file is somebody's work, which
 * is to stay theirs and to survive a power cut. Throws like `node:fs`.
 */
export function writeWholeFile(path: string, text: string, mode: number, owner?: FileOwner): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  const file = openSync(temporary, 'wx', mode & 0o777);
  try {
    try {
      writeFileSync(file, text);
      if (owner !== undefined) {
        describe(file, mode, owner);
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

/** Owner before mode, because a change of owner takes setuid and setgid away. */
function describe(file: number, mode: number, { uid, gid }: FileOwner): void {
  const own = thisUser();
  if (uid !== own.uid || gid !== own.gid) fchownSync(file, uid, gid);
  fchmodSync(file, mode);
}
