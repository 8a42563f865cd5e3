/** What a build gives to the servers of its sources: its secrets, and the agent or keys of `--ssh default`. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BuildRequest } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { StepSecrets } from '../../executor/index.ts';
import type { Caller } from '../call.ts';
import type { Services } from '../services.ts';

type SourceSecrets = Parameters<Services['contexts']['withSecrets']>[0];
type Ssh = ReturnType<SourceSecrets['ssh']>;

/** The services with the caller's credentials for registries. */
export function withCredentials(services: Services, { findCredentials }: Pick<Caller, 'findCredentials'>): Services {
  return findCredentials === undefined ? services : services.withCredentials(findCredentials);
}

/** The services with the secrets of this build for its sources. */
export function withSourceSecrets(
  services: Services,
  request: Pick<BuildRequest, 'context' | 'ssh'>,
  { secrets, caller }: { readonly secrets: StepSecrets; readonly caller: Pick<Caller, 'cwd' | 'env'> },
): Services {
  const source: SourceSecrets = {
    secret: (id, call) => secrets.secret(id, call),
    ssh: () => findSsh(request, caller),
  };
  return { ...services, contexts: services.contexts.withSecrets(source) };
}

/** `ssh://…` or `user@host:path`. */
function isSshUrl(url: string): boolean {
  if (/^(?:git\+)?ssh:\/\//i.test(url)) return true;
  const host = url.split(':', 1)[0] ?? '';
  return host !== url && host.indexOf('@') > 0 && !host.includes('/');
}

/** As in buildx, a context by ssh may use the agent without `--ssh`: the user named the repository. */
function findSsh(
  { context, ssh }: Pick<BuildRequest, 'context' | 'ssh'>,
  { cwd, env }: Pick<Caller, 'cwd' | 'env'>,
): Ssh {
  const given = ssh.find(({ id }) => id === 'default');
  const isBySsh = context.kind === 'git' && isSshUrl(context.url);
  if (given === undefined && (ssh.length > 0 || !isBySsh)) return undefined;
  const paths = (given?.paths ?? []).map((path) => resolve(cwd, path));
  const [first = env.SSH_AUTH_SOCK || undefined] = paths;
  if (first === undefined) {
    if (given === undefined) return undefined;
    throw new MkimageError('usage', 'use ssh agent `default`: no agent is running', {
      hint: 'start ssh-agent, or give its socket or a key with --ssh default=PATH',
    });
  }
  if (paths.length <= 1 && statSync(first, { throwIfNoEntry: false })?.isSocket())
    return { kind: 'agent', socket: first };
  const missing = paths.find((path) => !statSync(path, { throwIfNoEntry: false })?.isFile());
  if (missing !== undefined || paths.length === 0)
    throw new MkimageError('usage', `use ssh key \`${missing ?? first}\`: neither a key nor the socket of an agent`);
  return { kind: 'keys', paths };
}
