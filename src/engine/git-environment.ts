/** What git gets of the environment, and nothing else of it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { markUsed, writeWholeFile } from '../host/index.ts';
import { digestOf, encodedOf } from '../oci/index.ts';
import type { Config } from './config.ts';
import type { FolderId } from './folders.ts';

export function gitEnvironment(config: Config, folder: (id: FolderId) => string) {
  const proxies = Object.entries(config.environment).filter(([name]) => /^(https?|all|no)_proxy$/i.test(name));
  return {
    path: config.environment.PATH ?? '/usr/bin:/bin',
    sshAgent: config.environment.SSH_AUTH_SOCK || undefined,
    proxies: Object.fromEntries(proxies) as Record<string, string>,
    certificates: certificatesForGit(config, folder),
    localRepositories: config.environment.MKIMAGE_GIT_LOCAL === '1',
  };
}

/** Writes all trusted certificates into one file for git. Its name is made from its content. */
function certificatesForGit({ authorities, now }: Config, folder: (id: FolderId) => string): string | undefined {
  if (authorities === undefined) return undefined;
  const text = authorities.roots.join('\n');
  const file = join(folder('certificates'), `${encodedOf(digestOf(text))}.pem`);
  if (existsSync(file)) markUsed(file, Date.parse(now()));
  else writeWholeFile(file, text, { mode: 0o600 });
  return file;
}
