/** Combines an image's config and the options of `docker run` into a request for the container's process. Pure. */
import { posix } from 'node:path';
import { MkimageError } from '../errors.ts';
import type { ContainerConfig } from '../oci/index.ts';
import { type AskedCommand, containerArgv } from './argv.ts';
import { type ContainerNames, containerEnvironment } from './environment.ts';
import type { ProcessRequest } from './process-spec.ts';
import { DEFAULT_SHM_SIZE, type Ulimit } from './ulimits.ts';

/** Options of a container in addition to its image. Undefined: use the image's value, or Docker's default. */
export interface AskedProcess extends AskedCommand, ContainerNames {
  /** `NAME=value`; `NAME` alone removes the variable. */
  readonly env: readonly string[];
  readonly user: string | undefined;
  readonly groups: readonly string[];
  /** Absolute. */
  readonly workdir: string | undefined;
  readonly ulimits: readonly Ulimit[];
  /** Bytes. */
  readonly shmSize: number | undefined;
}

/** Throws `usage` if there is no command, or if the requested working directory is not absolute. */
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

/** Returns a clean absolute path. The image's directory is always taken relative to the root. */
function workingDirectory(ofImage = '', asked: string | undefined): string {
  if (asked === undefined || asked === '') return posix.resolve('/', ofImage);
  if (asked.startsWith('/')) return posix.resolve(asked);
  throw new MkimageError('usage', `set the working directory \`${asked}\`: the path is not absolute`, {
    hint: `write \`/${asked}\``,
  });
}
