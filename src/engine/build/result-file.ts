/** Files with the result of a build: `--iidfile`, `--metadata-file`. */
import { accessSync, constants, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { resolveRealPath, writeWholeFile } from '../../host/index.ts';

/**
 * Checks before the build that the file can be written. Refuses a device or a pipe, because it would be replaced by a
 * file. Throws `usage`.
 */
export function checkResultFile(file: string, cwd: string): void {
  const place = placeOf(file, cwd);
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) {
    throw new MkimageError('usage', `write \`${file}\`: it exists and is not a file`, {
      hint: 'name a file; `-q` prints the ID of the image to standard output',
    });
  }
  try {
    accessSync(dirname(place), constants.W_OK);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isMissing ? `no such directory \`${dirname(place)}\`` : 'permission denied';
    throw new MkimageError('usage', `write \`${file}\`: ${why}`);
  }
}

/** Removes the file of an earlier build, so that a failed build leaves none. */
export function removeResultFile(file: string, cwd: string): void {
  rmSync(placeOf(file, cwd), { force: true });
}

/** Writes atomically. A link at this place is replaced, as in buildx. Throws `store`. */
export function writeResultFile(file: string, cwd: string, text: string): void {
  try {
    writeWholeFile(placeOf(file, cwd), text, { mode: 0o644 });
  } catch (cause) {
    throw new MkimageError('store', `write \`${file}\`: ${(cause as Error).message}`, { cause });
  }
}

/** Follows links in the folder as far as this is safe; a link with the file's name is not followed. */
function placeOf(file: string, cwd: string): string {
  try {
    return join(resolveRealPath(dirname(resolve(cwd, file))), basename(file));
  } catch (cause) {
    throw new MkimageError('usage', `write \`${file}\`: ${(cause as Error).message}`, { cause });
  }
}
