import type { EngineCall } from '../engine/call.ts';
import type { Call } from '../progress.ts';
import type { Terminal } from './terminal.ts';

/** Creates the call options of a command line. Without `progress`, progress events are dropped. */
export function createEngineCall(
  terminal: Terminal,
  progress: Omit<Call, 'signal'> = { report: () => {} },
): EngineCall {
  const { signal, env, stdin, debugLog } = terminal;
  return { ...progress, signal, cwd: terminal.cwd(), env, stdin, stdout: terminal.archiveOutput, log: debugLog?.log };
}
