/** Files that say what was built: `--iidfile`, `--metadata-file`. */
import { accessSync, constants, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { resolveRealPath, writeWholeFile } from '../../host/index.ts';

/**
 * Refuses a file that could not be written when all is built, and what is no file: a device or a pipe would be replaced by
 * one. Throws `usage`.
 */
export function checkResultFile(file: string, cwd: string): void {
  const place = placeOf(file, cwd);
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) {
    throw new MkimageError('usage', `write \`${file}\`: something that is no file is in the way`, {
      hint: 'name a file; `-q` prints the ID of the image to standard output',
    });
  }
  try {
    accessSync(dirname(place), constants.W_OK);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? `there is no directory \`${dirname(place)}\`` : 'permission denied';
    throw new MkimageError('usage', `write \`${file}\`: ${why}`);
  }
}

/** Takes away what an earlier build left, so that a failed one leaves none behind. */
export function removeResultFile(file: string, cwd: string): void {
  rmSync(placeOf(file, cwd), { force: true });
}

/** The whole text or nothing; a link at this place is replaced, as with buildx. Throws `store`. */
export function writeResultFile(file: string, cwd: string, text: string): void {
  try {
    writeWholeFile(placeOf(file, cwd), text, { mode: 0o644 });
  } catch (cause) {
    throw new MkimageError('store', `write \`${file}\`: ${(cause as Error).message}`, { cause });
  }
}

/** The folder is followed, as far as it is safe to; the last name is not. */
function placeOf(file: string, cwd: string): string {
  try {
    return join(resolveRealPath(dirname(resolve(cwd, file))), basename(file));
  } catch (cause) {
    throw new MkimageError('usage', `write \`${file}\`: ${(cause as Error).message}`, { cause });
  }
}
