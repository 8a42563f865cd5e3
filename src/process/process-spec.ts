/** From what is asked of an image's process to what the kernel is told: names are looked up in the image's own files. */
import type { FileTree } from '../content/index.ts';
import { hasVariable, mergeEnvironment } from './environment.ts';
import type { Ulimit } from './ulimits.ts';
import { lookupGroups, lookupHome, lookupUser } from './users.ts';

/** A process as its author describes it: by names, and with nothing looked up. */
export interface ProcessRequest {
  /** What is executed; a shell included. */
  readonly args: readonly string[];
  /** `NAME=value`, of two of a name the later one counts. HOME is added if it is not there. */
  readonly env: readonly string[];
  /** `user[:group]`; '' is root. */
  readonly user: string;
  /** Groups besides those of the user (`--group-add`), names or numbers. */
  readonly groups: readonly string[];
  /** Absolute. */
  readonly workdir: string;
  readonly ulimits: readonly Ulimit[];
  /** Bytes of /dev/shm. */
  readonly shmSize: number;
}

/** A process as it is started. */
export interface ImageProcess {
  readonly args: readonly string[];
  /** The whole environment, `NAME=value`, each name once; nothing of the host's is added. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  /** The primary group is the first of them: a process cannot shed a group that would deny it something. */
  readonly additionalGids: readonly number[];
  readonly ulimits: readonly Ulimit[];
  /** Bytes of /dev/shm. */
  readonly shmSize: number;
}

/**
 * The process in this root filesystem, as it is before the process runs. Throws what `lookupUser` throws, `not-found` for a
 * group that the image does not know.
 */
export async function resolveProcess(tree: FileTree, request: ProcessRequest): Promise<ImageProcess> {
  const { args, user, groups, workdir, ulimits, shmSize } = request;
  const { uid, gid, additionalGids } = await lookupUser(tree, user);
  const added = await lookupGroups(tree, groups);
  const env = mergeEnvironment(request.env);
  return {
    args,
    env: hasVariable(env, 'HOME') ? env : [...env, `HOME=${await lookupHome(tree, uid)}`],
    cwd: workdir,
    uid,
    gid,
    additionalGids: [...new Set([gid, ...additionalGids, ...added])],
    ulimits,
    shmSize,
  };
}
