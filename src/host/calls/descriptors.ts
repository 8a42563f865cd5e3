import { bindForeign, createSystemError, readErrno } from './bind-foreign.ts';

const pipe2 = bindForeign('int pipe2(void *fds, int flags)');
const syscall = bindForeign('long syscall(long number, ulong a, ulong b, ulong c)');

const O_CLOEXEC = 0o2000000;
const SYS_close_range = 436;
const CLOSE_RANGE_CLOEXEC = 4;
const EINVAL = 22;
const ENOSYS = 38;

/** Opens a pipe (Node's own `pipe` is a socket pair, which `/dev/stdout` cannot open). Both ends are close-on-exec. */
export function openPipe(): { readonly read: number; readonly write: number } {
  const fds = new Int32Array(2);
  if (pipe2(fds, O_CLOEXEC) !== 0) throw createSystemError('pipe2', '');
  return { read: fds[0]!, write: fds[1]! };
}

/** Marks every descriptor except 0, 1 and 2 close-on-exec, so that no child process inherits them. */
export function closeInheritedOnExec(): void {
  if (syscall(SYS_close_range, 3, 0xffffffff, CLOSE_RANGE_CLOEXEC) !== 0) {
    if (![ENOSYS, EINVAL].includes(readErrno())) throw createSystemError('close_range', '');
  }
}
