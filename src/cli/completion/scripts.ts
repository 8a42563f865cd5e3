/**
 * Completion scripts of the shells. They call `mkimage __complete` for candidates. They contain no list of commands, so they
 * work with every version. The shell itself completes paths.
 */
import { BASH } from './bash.ts';
import { FISH } from './fish.ts';
import { ZSH } from './zsh.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

export function getCompletionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
