import { statSync } from 'node:fs';
import { MkimageError } from '../../errors.ts';
import { resolveRealPath } from './real-path.ts';
import { writeWholeFile } from './whole-file.ts';

/** Replaces a user's file. Readers see the old text or the new one. Mode and owner stay the same; a symlink stays a symlink. */
export function replaceFile(path: string, text: string): void {
  try {
    const target = resolveRealPath(path);
    const { mode, uid, gid } = statSync(target);
    writeWholeFile(target, text, { mode: mode & 0o7777, owner: { uid, gid } });
  } catch (error) {
    throw new MkimageError('unsupported', `write \`${path}\`: ${(error as Error).message}`, { cause: error });
  }
}
