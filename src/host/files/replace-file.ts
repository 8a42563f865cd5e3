import { statSync } from 'node:fs';
import { MkimageError } from '../../errors.ts';
import { protectedRealPath } from './real-path.ts';
import { writeWholeFile } from './whole-file.ts';

/** Writes a file of the user anew. A reader sees the old text or the new one; mode and owner stay, and a link stays a link. */
export function replaceFile(path: string, text: string): void {
  try {
    const target = protectedRealPath(path);
    const { mode, uid, gid } = statSync(target);
    writeWholeFile(target, text, mode & 0o7777, { uid, gid });
  } catch (error) {
    throw new MkimageError('unsupported', `write \`${path}\`: ${(error as Error).message}`, { cause: error });
  }
}
