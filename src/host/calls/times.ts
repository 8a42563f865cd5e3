import { toFsName } from '../../tar/index.ts';
import { bindForeign, createSystemError, toCString } from './bind-foreign.ts';

const utimensat = bindForeign('int utimensat(int directory, const void *path, const void *times, int flags)');

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** Sets access and modification time in nanoseconds. Does not follow a symlink. Throws like `node:fs`. */
export function setTimes(path: string, times: { readonly atimeNs: bigint; readonly mtimeNs: bigint }): void {
  const spec = new BigInt64Array([...secondsOf(times.atimeNs), ...secondsOf(times.mtimeNs)]);
  const result = utimensat(AT_FDCWD, toCString(toFsName(path)), spec, AT_SYMLINK_NOFOLLOW);
  if (result !== 0) throw createSystemError('utimensat', path);
}

function secondsOf(nanoseconds: bigint): [bigint, bigint] {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [(nanoseconds - rest) / 1_000_000_000n, rest];
}
