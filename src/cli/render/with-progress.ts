import type { Call } from '../../progress.ts';
import type { Terminal } from '../terminal.ts';
import { openRenderer, type ProgressMode } from './open-renderer.ts';

/** Does work that reports its progress, and shows it. The terminal is as it was when this resolves or rejects. */
export async function withProgress<T>(
  mode: ProgressMode,
  terminal: Terminal,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const renderer = await openRenderer(mode, terminal);
  try {
    return await work({ signal: terminal.signal, report: renderer.report, caughtUp: renderer.caughtUp });
  } finally {
    renderer.finish();
  }
}
