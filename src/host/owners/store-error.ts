import { dirname } from 'node:path';
import { MkimageError } from '../../errors.ts';

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);
const NO_RIGHT = new Set(['EACCES', 'EPERM']);

/** The errno name of an error of node:fs. */
export function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

/** Converts an error of node:fs to a `store` error. `doing` is a verb and a noun: `write blob`. */
export function toStoreError(doing: string, path: string, error: unknown): MkimageError {
  if (error instanceof MkimageError) return error;
  const code = errnoOf(error) ?? '';
  if (NO_SPACE.has(code)) {
    return new MkimageError('store', `${doing}: no space left on the disk of \`${dirname(path)}\``, {
      cause: error,
      hint: 'free some space, or run `mkimage prune`',
    });
  }
  if (code === 'EROFS') {
    return new MkimageError('store', `${doing} \`${path}\`: the file system is read-only`, {
      cause: error,
      hint: 'set MKIMAGE_ROOT to a folder that can be written to',
    });
  }
  const why = NO_RIGHT.has(code) ? 'permission denied' : (error as Error).message;
  return new MkimageError('store', `${doing} \`${path}\`: ${why}`, {
    cause: error,
    ...(NO_RIGHT.has(code) && { hint: 'the store belongs to another user; set MKIMAGE_ROOT to a folder of your own' }),
  });
}

/** Runs file system work and converts its errors to `store` errors. */
export function withStoreErrors<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStoreError(doing, path, error);
  }
}
