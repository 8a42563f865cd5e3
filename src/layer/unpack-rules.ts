/** What an archive cannot ask of this machine, and what it is to blame for. */
import { MkimageError } from '../errors.ts';
import { isRoot } from '../host/index.ts';
import type { TarEntry, TarHeader } from '../tar/index.ts';

/** Attributes of the kernel's own that no archive may set: overlayfs would take them for its bookkeeping. */
export function isTrusted(name: string): boolean {
  return name.startsWith('trusted.') || name.startsWith('user.overlay.');
}

/** Attributes that this filesystem, this kind of file or this user cannot have are left out, as by containerd. */
export function isRefusal(error: unknown, name: string, { type }: TarEntry): boolean {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EOPNOTSUPP') return true;
  if (code !== 'EPERM') return false;
  return name.startsWith('user.') ? type !== 'file' && type !== 'directory' : !isRoot();
}

/** An archive's root is a directory, for who lists it and for who unpacks it; what it says of it beside that is told nothing. */
export function requireDirectory({ type }: Pick<TarHeader, 'type'>): void {
  if (type === 'directory') return;
  throw new MkimageError('invalid-archive', `its root is a ${type}`);
}

/** `not-found` is a loop of symlinks; the others are the kernel's words for names and targets that cannot be. */
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

/** What the archive is to blame for is `invalid-archive`; a full or read-only disk is `store`. */
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
