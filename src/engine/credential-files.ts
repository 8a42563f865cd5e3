/** The files in which users of Docker and Podman have their credentials. */
import { join, resolve } from 'node:path';
import { thisUser } from '../host/index.ts';
import type { Config } from './config.ts';

export interface CredentialFiles {
  /** In order: the first file with credentials for a repository decides. */
  readonly files: readonly string[];
  /** The file that `login` and `logout` change. */
  readonly written: { readonly path: string; readonly names: 'docker' | 'podman' };
}

/**
 * `REGISTRY_AUTH_FILE` is the only file if it is set, as for Podman. Otherwise Docker's file comes before those of Podman, and `login`
 * writes it.
 */
export function listCredentialFiles({ environment, home }: Pick<Config, 'environment' | 'home'>): CredentialFiles {
  const given = environment.REGISTRY_AUTH_FILE;
  if (given) return { files: [resolve(given)], written: { path: resolve(given), names: 'podman' } };
  const docker = join(resolve(environment.DOCKER_CONFIG || join(home, '.docker')), 'config.json');
  const runtime = environment.XDG_RUNTIME_DIR || join('/run/containers', String(thisUser().uid));
  const inRuntime = environment.XDG_RUNTIME_DIR ? join(runtime, 'containers') : runtime;
  const folders = [inRuntime, join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'containers')];
  const podman = folders.map((folder) => join(folder, 'auth.json'));
  return { files: [docker, ...podman], written: { path: docker, names: 'docker' } };
}
