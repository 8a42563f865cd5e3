import { becomeNamespaceRoot, hasFilesOfSteps, isOrdinaryUser } from '../engine/user-namespace.ts';
import type { Terminal } from './terminal.ts';

/**
 * Starts this command again as root of a user namespace, if an ordinary user has called it. `where`: the command runs steps, or it reads
 * or removes files that steps have made. Returns if there is no need, or if this machine does not permit user namespaces.
 */
export function enterUserNamespace(where: 'runs-steps' | 'reads-store', { env, debugLog }: Terminal): void {
  if (!isOrdinaryUser(env) || (where === 'reads-store' && !hasFilesOfSteps(env))) return;
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  becomeNamespaceRoot({ args, env, log: debugLog?.log });
}
