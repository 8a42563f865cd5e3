import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';

/** Says of an error which path of the context it is about. */
export function reading<T>(path: TreePath, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function unreadable(path: TreePath, error: unknown): MkimageError {
  const why = isGone(error) ? 'it is gone' : isRefused(error) ? 'permission denied' : (error as Error).message;
  return new MkimageError(isGone(error) ? 'not-found' : 'source-missing', `read \`${path}\` of the context: ${why}`, {
    cause: error,
    hint: isRefused(error) ? 'let it be read, or name it in .dockerignore' : 'do not change the context during a build',
  });
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

export function isRefused(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(codeOf(error));
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
