import { MkimageError } from '../errors.ts';

/** Turns an error of node:fs about the output's destination into an error with a reason and a hint. */
export function outputFault(dest: string, error: unknown): MkimageError {
  if (error instanceof MkimageError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new MkimageError(USER_FAULTS.has(code) ? 'usage' : 'store', `write \`${dest}\`: ${reason}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file with that name exists',
  EISDIR: 'it is a directory',
  ENOENT: 'its directory does not exist',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'a part of the path is not a directory',
  EPERM: 'permission denied',
  EPIPE: 'the reader has closed it',
  EROFS: 'the file system is read-only',
};

const USER_FAULTS: ReadonlySet<string> = new Set([
  'EACCES',
  'EEXIST',
  'EISDIR',
  'ENOENT',
  'ELOOP',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);
