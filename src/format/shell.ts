import type { BuildFile } from '../instructions/index.ts';

const POSIX_SHELL = /(^|\/)(sh|ash|bash|dash|ksh|mksh|zsh|busybox)$/;

/** True if commands may be for PowerShell or cmd: the file uses their escape character, or SHELL is not a POSIX shell. */
export function usesForeignShell(file: BuildFile): boolean {
  if (file.escape !== '\\') return true;
  return file.instructions.some((instruction) => {
    const inner = instruction.kind === 'onbuild' ? instruction.trigger : instruction;
    return inner.kind === 'shell' && !POSIX_SHELL.test(inner.command.args[0] ?? '');
  });
}
