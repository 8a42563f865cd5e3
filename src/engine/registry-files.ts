/** The files in which users of Docker and Podman say where registries are. */
import { join, resolve } from 'node:path';
import type { Config } from './config.ts';

export interface RegistryFiles {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly own: readonly string[];
  readonly daemons: readonly string[];
  readonly certificates: readonly string[];
}

/** `CONTAINERS_REGISTRIES_CONF` takes the place of all other files of Podman, `MKIMAGE_REGISTRIES_CONF` that of mkimage's own. */
export function listRegistryFiles({ environment, home }: Pick<Config, 'environment' | 'home'>): RegistryFiles {
  const user = environment.XDG_CONFIG_HOME || join(home, '.config');
  const both = (...names: readonly string[]) => ['/etc', user].map((folder) => join(folder, ...names));
  const given = environment.CONTAINERS_REGISTRIES_CONF;
  const ours = environment.MKIMAGE_REGISTRIES_CONF;
  return {
    files: given ? [resolve(given)] : both('containers', 'registries.conf'),
    folders: given ? [] : both('containers', 'registries.conf.d'),
    own: ours ? [resolve(ours)] : both('mkimage', 'registries.conf'),
    daemons: both('docker', 'daemon.json'),
    certificates: [...both('containers', 'certs.d').reverse(), ...both('docker', 'certs.d').reverse()],
  };
}
