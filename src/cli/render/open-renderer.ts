import { MkimageError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';
import type { Renderer } from './renderer.ts';
import { hasRoom } from './room.ts';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'quiet', 'none', 'rawjson'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** The renderer for a mode; `auto` is the live view on a terminal that has room for it and plain lines elsewhere. Throws `usage`. */
export async function openRenderer(mode: ProgressMode, terminal: Terminal): Promise<Renderer> {
  if (mode === 'tty' && terminal.stderr.isTTY !== true) {
    throw new MkimageError('usage', 'open progress `tty`: standard error is not a terminal', {
      hint: '`--progress=auto` shows the live view only where there is a terminal',
    });
  }
  if (mode === 'quiet' || mode === 'none') return (await import('./quiet.ts')).quietRenderer();
  if (mode === 'rawjson') return (await import('./json.ts')).jsonRenderer(terminal);
  if (isLive(mode, terminal)) return (await import('./tty.ts')).ttyRenderer(terminal);
  return (await import('./plain.ts')).plainRenderer(terminal);
}

function isLive(mode: ProgressMode, { stderr, env }: Terminal): boolean {
  if (mode === 'plain' || stderr.isTTY !== true || !hasRoom(stderr)) return false;
  return mode === 'tty' || env.TERM !== 'dumb';
}
