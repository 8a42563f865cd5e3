import type { EngineCall } from '../engine/call.ts';
import type { Call } from '../progress.ts';
import type { Terminal } from './terminal.ts';

/** The call of somebody at a terminal. Without `progress` nobody watches it. */
export function engineCall(terminal: Terminal, progress: Omit<Call, 'signal'> = { report: () => {} }): EngineCall {
  const { signal, env, stdin, debugLog } = terminal;
  return { ...progress, signal, cwd: terminal.cwd(), env, stdin, stdout: terminal.archiveOutput, log: debugLog?.log };
}
