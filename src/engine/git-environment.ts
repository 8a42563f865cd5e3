/** What git gets of the environment, and nothing else of it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { GitSsh, HostKeys } from '../context/index.ts';
import { MkimageError } from '../errors.ts';
import { markUsed, writeWholeFile } from '../host/index.ts';
import { digestOf, encodedOf } from '../oci/index.ts';
import type { Config } from './config.ts';
import type { FolderId } from './folders.ts';

export function gitEnvironment(config: Config, folder: (id: FolderId) => string) {
  const proxies = Object.entries(config.environment).filter(([name]) => /^(https?|all|no)_proxy$/i.test(name));
  return {
    path: config.environment.PATH ?? '/usr/bin:/bin',
    hostKeys: findHostKeys(config),
    proxies: Object.fromEntries(proxies) as Record<string, string>,
    certificates: certificatesForGit(config, folder),
    localRepositories: config.environment.MKIMAGE_GIT_LOCAL === '1',
  };
}

/** The agent of the user. */
export function findAgent({ environment }: Pick<Config, 'environment'>): GitSsh | undefined {
  const socket = environment.SSH_AUTH_SOCK;
  return socket ? { kind: 'agent', socket } : undefined;
}

/** Host keys are checked, because otherwise anybody on the way could serve another repository. Throws `usage`. */
function findHostKeys({ environment, home }: Config): HostKeys {
  const wanted = environment.MKIMAGE_SSH_HOST_KEYS || 'strict';
  if (wanted !== 'strict' && wanted !== 'accept')
    throw new MkimageError('usage', `read MKIMAGE_SSH_HOST_KEYS: \`${wanted}\` is not strict or accept`);
  const given = environment.SSH_KNOWN_HOSTS;
  const files = given ? [resolve(given)] : [join(home, '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'];
  return { files, isStrict: wanted === 'strict' };
}

/** Writes all trusted certificates into one file for git. Its name is made from its content. */
function certificatesForGit(config: Config, folder: (id: FolderId) => string): string | undefined {
  const { authorities, environment, now } = config;
  // As for Go's programs, the file takes the place of the system's list.
  if (authorities === undefined) return environment.SSL_CERT_FILE || undefined;
  const text = authorities.roots.join('\n');
  const file = join(folder('certificates'), `${encodedOf(digestOf(text))}.pem`);
  if (existsSync(file)) markUsed(file, Date.parse(now()));
  else writeWholeFile(file, text, { mode: 0o600 });
  return file;
}
