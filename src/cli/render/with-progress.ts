import type { EngineCall } from '../../engine/call.ts';
import { engineCall } from '../engine-call.ts';
import type { Terminal } from '../terminal.ts';
import { openRenderer, type ProgressMode } from './open-renderer.ts';

/** Does work that reports its progress, and shows it. The terminal is as it was when this resolves or rejects. */
export async function withProgress<T>(
  mode: ProgressMode,
  terminal: Terminal,
  work: (call: EngineCall) => Promise<T>,
): Promise<T> {
  const renderer = await openRenderer(mode, terminal);
  try {
    return await work(engineCall(terminal, { report: renderer.report, caughtUp: renderer.caughtUp }));
  } finally {
    renderer.finish();
  }
}
