import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';

/** Runs `action` and adds the path of the context to its error. */
export function readWithPath<T>(path: TreePath, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function unreadable(path: TreePath, error: unknown): MkimageError {
  const why = isGone(error) ? 'not found' : isRefused(error) ? 'permission denied' : (error as Error).message;
  return new MkimageError(isGone(error) ? 'not-found' : 'source-missing', `read \`${path}\` of the context: ${why}`, {
    cause: error,
    hint: isRefused(error) ? 'make it readable or add it to .dockerignore' : 'do not change the context during a build',
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
