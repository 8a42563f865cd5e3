import type { BuildFile } from '../instructions/index.ts';

const POSIX_SHELL = /(^|\/)(sh|ash|bash|dash|ksh|mksh|zsh|busybox)$/;

/** Commands may be for PowerShell or cmd: the escape character is theirs, or SHELL says so. */
export function usesForeignShell(file: BuildFile): boolean {
  if (file.escape !== '\\') return true;
  return file.instructions.some((instruction) => {
    const inner = instruction.kind === 'onbuild' ? instruction.trigger : instruction;
    return inner.kind === 'shell' && !POSIX_SHELL.test(inner.command.args[0] ?? '');
  });
}
