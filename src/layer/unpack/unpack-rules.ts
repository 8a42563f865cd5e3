/** Rules for unpacking: attributes that an archive may not set, and errors that the archive causes. */
import { MkimageError } from '../../errors.ts';
import { isRoot } from '../../host/index.ts';
import type { TarEntry, TarHeader } from '../../tar/index.ts';

/** Returns true for attributes that an archive may not set, because overlayfs would interpret them as its own. */
export function isTrusted(name: string): boolean {
  return name.startsWith('trusted.') || name.startsWith('user.overlay.');
}

/** Returns true if this filesystem, type of file or user cannot have the attribute. It is skipped, as in containerd. */
export function isRefusal(error: unknown, name: string, { type }: TarEntry): boolean {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EOPNOTSUPP') return true;
  if (code !== 'EPERM') return false;
  return name.startsWith('user.') ? type !== 'file' && type !== 'directory' : !isRoot();
}

/** Requires that an entry for the root is a directory. Its other attributes are ignored. */
export function requireDirectory({ type }: Pick<TarHeader, 'type'>): void {
  if (type === 'directory') return;
  throw new MkimageError('invalid-archive', `its root is a ${type}`);
}

/** Errors that are caused by the archive. `not-found` is a loop of symlinks, the others are invalid names and targets. */
const ARCHIVE_FAULTS = new Set([
  'not-found',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ERR_INVALID_ARG_VALUE',
]);

/** Creates `invalid-archive` for errors that the archive causes, `store` for others, for example a full or read-only disk. */
export function unpackError(path: string, error: unknown): MkimageError {
  const cause = error as NodeJS.ErrnoException;
  const named = error instanceof MkimageError;
  const blamed = ARCHIVE_FAULTS.has(named ? error.code : (cause.code ?? ''));
  const code = blamed ? 'invalid-archive' : named ? error.code : 'store';
  const hint = named ? error.hint : undefined;
  return new MkimageError(code, `unpack \`${path}\`: ${cause.message}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
