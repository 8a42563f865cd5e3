/**
 * The scripts that make a shell ask `mkimage __complete` what it may offer. They hold no list of commands, so they fit every
 * version; the shell's own way is used for paths.
 */
import { BASH } from './bash.ts';
import { FISH } from './fish.ts';
import { ZSH } from './zsh.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
