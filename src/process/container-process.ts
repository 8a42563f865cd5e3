/** From an image's config and what `docker run` says to what is asked of the container's process. Pure. */
import { posix } from 'node:path';
import { MkimageError } from '../errors.ts';
import type { ContainerConfig } from '../oci/index.ts';
import { type AskedCommand, containerArgv } from './argv.ts';
import { type ContainerNames, containerEnvironment } from './environment.ts';
import type { ProcessRequest } from './process-spec.ts';
import { DEFAULT_SHM_SIZE, type Ulimit } from './ulimits.ts';

/** What is asked of a container beside its image; undefined: what the image says, or Docker's default. */
export interface AskedProcess extends AskedCommand, ContainerNames {
  /** `NAME=value`; `NAME` alone takes the variable away. */
  readonly env: readonly string[];
  readonly user: string | undefined;
  readonly groups: readonly string[];
  /** Absolute. */
  readonly workdir: string | undefined;
  readonly ulimits: readonly Ulimit[];
  /** Bytes. */
  readonly shmSize: number | undefined;
}

/** Throws `usage` if there is no command, or if the working directory that is asked for is not absolute. */
export function containerProcess(config: ContainerConfig, asked: AskedProcess): ProcessRequest {
  return {
    args: containerArgv(config, asked),
    env: containerEnvironment(config.Env ?? [], asked.env, asked),
    user: asked.user ?? config.User ?? '',
    groups: asked.groups,
    workdir: workingDirectory(config.WorkingDir, asked.workdir),
    ulimits: asked.ulimits,
    shmSize: asked.shmSize ?? DEFAULT_SHM_SIZE,
  };
}

/** Clean and absolute. What an image says is taken from the root, whatever it is. */
function workingDirectory(ofImage = '', asked: string | undefined): string {
  if (asked === undefined || asked === '') return posix.resolve('/', ofImage);
  if (asked.startsWith('/')) return posix.resolve(asked);
  throw new MkimageError('usage', `set the working directory \`${asked}\`: it is not absolute`, {
    hint: `write \`/${asked}\``,
  });
}
