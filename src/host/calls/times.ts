import { toFsName } from '../../tar/index.ts';
import { foreign, nulTerminated, systemError } from './foreign.ts';

const utimensat = foreign('int utimensat(int directory, const void *path, const void *times, int flags)');

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** Sets access and modification time to the nanosecond, of a symlink too. Throws like `node:fs`. */
export function setTimes(path: string, times: { readonly atimeNs: bigint; readonly mtimeNs: bigint }): void {
  const spec = new BigInt64Array([...secondsOf(times.atimeNs), ...secondsOf(times.mtimeNs)]);
  const result = utimensat(AT_FDCWD, nulTerminated(toFsName(path)), spec, AT_SYMLINK_NOFOLLOW);
  if (result !== 0) throw systemError('utimensat', path);
}

function secondsOf(nanoseconds: bigint): [bigint, bigint] {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [(nanoseconds - rest) / 1_000_000_000n, rest];
}
