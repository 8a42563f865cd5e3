/** How an ordinary user becomes the root of a user namespace, before the store is opened. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ENTERED, enterUserNamespace, isRoot } from '../host/index.ts';
import type { Log } from '../progress.ts';
import { readConfig, readUserName } from './config.ts';
import { FOLDERS } from './folders.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface NamespaceEntry {
  /** The program and its arguments, to start again. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly log?: Log | undefined;
}

/** Returns true if this process is not root, and has not tried to enter a namespace yet. */
export function isOrdinaryUser(env: Environment): boolean {
  return !isRoot() && (env[ENTERED] ?? '') === '';
}

/**
 * Starts the program again as root of a user namespace, with the same store. Returns if this machine does not permit that: then steps
 * have the isolations of an ordinary user.
 */
export function becomeNamespaceRoot({ args, env, log }: NamespaceEntry): void {
  const { root } = readConfig(env);
  const refused = enterUserNamespace({ args, env: { ...env, MKIMAGE_ROOT: root }, user: readUserName() });
  log?.debug('sandbox', 'user namespace refused', { because: refused });
}

/** Returns true if the store has files of steps, which may belong to subordinate ids. */
export function hasFilesOfSteps(env: Environment): boolean {
  const { root } = readConfig(env);
  return [FOLDERS.unpacked, FOLDERS.mounts].some(({ path }) => existsSync(join(root, path)));
}
