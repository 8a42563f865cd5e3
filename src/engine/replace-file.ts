import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MkimageError } from '../errors.ts';

/** Writes a file of the user anew. A reader sees the old text or the new one; mode and owner stay, and a link stays a link. */
export function replaceFile(path: string, text: string): void {
  try {
    const target = realpathSync(path);
    const temporary = join(dirname(target), `.${basename(target)}.${process.pid}`);
    try {
      writeWhole(temporary, text, target);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw new MkimageError('unsupported', `write \`${path}\`: ${(error as Error).message}`, { cause: error });
  }
}

function writeWhole(temporary: string, text: string, like: string): void {
  const { mode, uid, gid } = statSync(like);
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const made = statSync(temporary);
  if (made.uid !== uid || made.gid !== gid) chownSync(temporary, uid, gid);
  chmodSync(temporary, mode & 0o7777);
}
