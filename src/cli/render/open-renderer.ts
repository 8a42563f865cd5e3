import { MkimageError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';
import { hasRoomForFrame } from './frame-room.ts';
import type { Renderer } from './renderer.ts';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'quiet', 'none', 'rawjson'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** Opens the renderer for a mode. `auto` selects the live view on a terminal that is large enough, else plain lines. Throws `usage`. */
export async function openRenderer(mode: ProgressMode, terminal: Terminal): Promise<Renderer> {
  if (mode === 'tty' && terminal.stderr.isTTY !== true) {
    throw new MkimageError('usage', 'show progress `tty`: standard error is not a terminal', {
      hint: 'use `--progress=auto`, which shows the live view only on a terminal',
    });
  }
  if (mode === 'quiet' || mode === 'none') return (await import('./quiet.ts')).createQuietRenderer();
  if (mode === 'rawjson') return (await import('./json.ts')).createJsonRenderer(terminal);
  if (isLive(mode, terminal)) return (await import('./tty.ts')).createTtyRenderer(terminal);
  return (await import('./plain.ts')).createPlainRenderer(terminal);
}

function isLive(mode: ProgressMode, { stderr, env }: Terminal): boolean {
  if (mode === 'plain' || stderr.isTTY !== true || !hasRoomForFrame(stderr)) return false;
  return mode === 'tty' || env.TERM !== 'dumb';
}
