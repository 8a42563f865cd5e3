import type { EngineCall } from '../../engine/call.ts';
import { MkimageError } from '../../errors.ts';
import { createEngineCall } from '../engine-call.ts';
import type { Terminal } from '../terminal.ts';
import { openRenderer, type ProgressMode } from './open-renderer.ts';

/** Runs work and shows its progress. Restores the terminal before it resolves or rejects. */
export async function withProgress<T>(
  mode: ProgressMode,
  terminal: Terminal,
  work: (call: EngineCall) => Promise<T>,
): Promise<T> {
  const { debugLog } = terminal;
  if (mode === 'rawjson' && debugLog?.isOnStderr === true) throw createStderrConflictError();
  const renderer = await openRenderer(mode, terminal);
  const unshown = renderer.showLine === undefined ? undefined : debugLog?.showBy(renderer.showLine);
  try {
    return await work(createEngineCall(terminal, { report: renderer.report, drain: renderer.drain }));
  } finally {
    unshown?.();
    renderer.finish();
  }
}

function createStderrConflictError(): MkimageError {
  return new MkimageError('usage', 'write the log: with `--progress=rawjson` standard error is for progress alone', {
    hint: 'name a file for the log in MKIMAGE_LOG_FILE',
  });
}
