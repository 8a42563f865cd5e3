import { MkimageError } from '../errors.ts';

/** What node:fs said about the place that is written to, as an error a person can act on. */
export function outputFault(dest: string, error: unknown): MkimageError {
  if (error instanceof MkimageError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new MkimageError(USER_FAULTS.has(code) ? 'usage' : 'store', `write \`${dest}\`: ${reason}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file is in the way',
  EISDIR: 'it is a directory',
  ENOENT: 'its directory does not exist',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'part of the path is no directory',
  EPERM: 'permission denied',
  EPIPE: 'nobody reads it any more',
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
