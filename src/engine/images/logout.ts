import type { LogoutRequest, LogoutResult } from '../../api/index.ts';
import type { Call } from '../../progress.ts';
import { type CredentialStore, parseServer } from '../../registry/index.ts';
import { formatScope } from './login.ts';

/** Removes saved credentials. Throws `registry` if a helper program fails, `usage` for a file that cannot be changed. */
export async function logOut(
  { credentials }: { readonly credentials: CredentialStore },
  { server }: LogoutRequest,
  call: Call,
): Promise<LogoutResult> {
  if (typeof server === 'object') {
    await credentials.removeAll(call);
    return { server: undefined, removed: true, remaining: false };
  }
  const scope = parseServer(server);
  const removed = await credentials.remove(scope, call);
  const rest = await credentials.find(scope.registry, scope.repository, call);
  return { server: formatScope(scope), removed, remaining: rest !== undefined };
}
