import type { LoginRequest, LoginResult } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { Call } from '../../progress.ts';
import { type CredentialStore, type LoginScope, parseServer, type Registry } from '../../registry/index.ts';

export interface LoginServices {
  readonly registry: Pick<Registry, 'checkLogin'>;
  readonly credentials: CredentialStore;
}

/** The password is not a part of the request, because requests have no secrets. */
export interface LoginCall extends Call {
  readonly password: string | undefined;
}

/**
 * Checks credentials at a registry and saves them. Without a user name it checks the saved ones. Throws `registry` if they are
 * refused or a helper program fails, `network`, `usage`, `not-found` if nothing is saved.
 */
export async function logIn(
  services: LoginServices,
  { server, username }: LoginRequest,
  call: LoginCall,
): Promise<LoginResult> {
  const scope = parseServer(server);
  if (username === undefined) {
    await checkSaved(services, scope, call);
    return { server: formatScope(scope), stored: undefined };
  }
  const secret = requirePassword(username, call);
  const accepted = await services.registry.checkLogin(scope.registry, { username, secret }, call);
  return { server: formatScope(scope), stored: await services.credentials.save(scope, accepted, call) };
}

/** Checks credentials at a registry without saving them. The token, if the registry gives one, replaces the password. Throws as `logIn`. */
export async function checkLogin(
  { registry }: Pick<LoginServices, 'registry'>,
  { server, username }: LoginRequest & { readonly username: string },
  call: LoginCall,
): Promise<{ readonly identityToken: string | undefined }> {
  const secret = requirePassword(username, call);
  const accepted = await registry.checkLogin(parseServer(server).registry, { username, secret }, call);
  return { identityToken: accepted.kind === 'identity-token' ? accepted.secret : undefined };
}

async function checkSaved({ registry, credentials }: LoginServices, scope: LoginScope, call: Call): Promise<void> {
  const saved = await credentials.find(scope.registry, scope.repository, call);
  if (saved === undefined) {
    throw new MkimageError('not-found', `log in to \`${scope.registry}\`: no credentials are saved`, {
      hint: 'give a user name with `--username` and a password with `--password-stdin`',
    });
  }
  await registry.checkLogin(scope.registry, saved, call);
}

function requirePassword(username: string, { password, log }: LoginCall): string {
  log?.hide(password === undefined ? [] : [password]);
  if (username === '' || username.includes(':'))
    throw new MkimageError('usage', `log in: \`${username}\` is not a user name`);
  if (password !== undefined && password !== '') return password;
  throw new MkimageError('usage', 'log in: the password is empty');
}

export function formatScope({ registry, repository }: LoginScope): string {
  return repository === '' ? registry : `${registry}/${repository}`;
}
