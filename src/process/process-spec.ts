/** Turns a process request into what the kernel needs: looks up names in the image's own files. */
import type { FileTree } from '../content/index.ts';
import { hasVariable, mergeEnvironment } from './environment.ts';
import type { Ulimit } from './ulimits.ts';
import { lookupGroups, lookupHome, lookupUser } from './users.ts';

/** A process as its author describes it: with names that are not looked up yet. */
export interface ProcessRequest {
  /** The program and its arguments, including a shell. */
  readonly args: readonly string[];
  /** `NAME=value`. If a name appears twice, the later value counts. HOME is added if it is not set. */
  readonly env: readonly string[];
  /** `user[:group]`; '' is root. */
  readonly user: string;
  /** Additional groups of the user (`--group-add`), names or numbers. */
  readonly groups: readonly string[];
  /** Absolute. */
  readonly workdir: string;
  readonly ulimits: readonly Ulimit[];
  /** Bytes of /dev/shm. */
  readonly shmSize: number;
}

/** A process with all names resolved, ready to start. */
export interface ImageProcess {
  readonly args: readonly string[];
  /** The complete environment, `NAME=value`, each name once. Nothing of the host's environment is added. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  /** The primary group is always first: a process cannot drop a group that denies it access. */
  readonly additionalGids: readonly number[];
  readonly ulimits: readonly Ulimit[];
  /** Bytes of /dev/shm. */
  readonly shmSize: number;
}

/**
 * Resolves the process in this root filesystem, as it is before the process runs. Throws as `lookupUser`, and
 * `not-found` for a group that is not in the image.
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
