import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileTree, TreePath } from '../../content/index.ts';
import { MkimageError, throwIfCancelled } from '../../errors.ts';
import type { Call, Log } from '../../progress.ts';
import { toFsName } from '../../tar/index.ts';
import type { BuildContext, IgnoreMatch } from '../index.ts';
import { type IgnoreRules, ignoreMatch, parseIgnoreFile } from '../patterns/ignore.ts';
import { LocalTree, type LocalTreeOptions, type ReadXattrs } from './local-tree.ts';
import { StatCache } from './stat-cache.ts';

export interface LocalContextOptions {
  readonly directory: string;
  /** The ignore file, if there is one, with its name in messages. */
  readonly ignoreFile: { readonly name: string; readonly text: string } | undefined;
  /** The file of the stat cache; undefined: no cache. */
  readonly statCacheFile: string | undefined;
  /** A directory that is left out of the context; `found` is called if a walk reaches it. */
  readonly leftOut?: { readonly directory: string; readonly found: (path: TreePath) => void };
  /** Reads extended attributes; without it files have none. */
  readonly readXattrs?: ReadXattrs;
  /** Told at the end what was read. */
  readonly log?: Log | undefined;
}

/** Opens a directory as a context. Throws `not-found` if it is not a directory, `build-file` for a malformed ignore file. */
export function openLocalContext(options: LocalContextOptions): BuildContext {
  const root = rootOf(options.directory);
  const { ignoreFile } = options;
  const rules = ignoreFile === undefined ? undefined : parseIgnoreFile(ignoreFile.text, ignoreFile.name);
  const cache = StatCache.open(options.statCacheFile);
  const leftOut = leftOutOf(root, options.leftOut);
  const tree = new LocalTree({ root, matcher: rules?.matcher, cache, leftOut, readXattrs: options.readXattrs });
  return {
    name: options.directory,
    scan: (paths, call) => scan(tree, paths, call),
    ignoredBy: (path) => ignoredBy({ root, tree, rules }, path),
    similar: async (path) => {
      const { similarPaths } = await import('../patterns/similar.ts');
      return similarPaths(root === '' ? '/' : root, rules?.matcher, path);
    },
    save: () => {
      tree.rest();
      cache.save();
    },
    [Symbol.asyncDispose]: async () => {
      tree.rest();
      options.log?.debug('context', 'directory read', { directory: options.directory, ...tree.counts });
    },
  };
}

function rootOf(directory: string): string {
  try {
    const root = realpathSync(directory);
    if (lstatSync(root).isDirectory()) return root === '/' ? '' : root;
  } catch (cause) {
    throw new MkimageError('not-found', `open context \`${directory}\`: no such directory`, { cause });
  }
  throw new MkimageError('not-found', `open context \`${directory}\`: not a directory`);
}

/** The left-out directory as a path of the tree, if it is inside. */
function leftOutOf(root: string, leftOut: LocalContextOptions['leftOut']): LocalTreeOptions['leftOut'] {
  if (leftOut === undefined || !existsSync(leftOut.directory)) return undefined;
  const directory = realpathSync.native(leftOut.directory);
  const path = directory.slice(root.length + 1);
  return directory.startsWith(`${root}/`) && path !== '' ? { path, found: () => leftOut.found(path) } : undefined;
}

/** Lists in advance what a step needs, so that the signal can be checked in between. */
async function scan(tree: LocalTree, paths: readonly string[], call: Call): Promise<FileTree> {
  const waiting = [...paths];
  for (let count = 1; waiting.length > 0; count++) {
    if (count % 64 === 0) await nextTurn();
    throwIfCancelled(call.signal);
    for (const entry of tree.list(waiting.pop()!)) if (entry.type === 'directory') waiting.push(entry.path);
  }
  return tree;
}

interface FilteredTree {
  readonly root: string;
  readonly tree: LocalTree;
  readonly rules?: IgnoreRules | undefined;
}

function ignoredBy({ root, tree, rules }: FilteredTree, path: string): IgnoreMatch | undefined {
  const cleaned = posix.normalize(`/${path}`).replace(/^\/|\/$/g, '');
  if (rules === undefined || cleaned === '' || tree.stat(cleaned) !== undefined || !exists(root, cleaned))
    return undefined;
  return ignoreMatch(rules, cleaned);
}

/** Checks every component without following symlinks, because a path through a symlink is not in the context. */
function exists(root: string, path: string): boolean {
  const components = path.split('/');
  return components.every((_, index) => {
    const host = toFsName(`${root}/${components.slice(0, index + 1).join('/')}`);
    try {
      const stats = lstatSync(host, { throwIfNoEntry: false });
      return stats !== undefined && (index === components.length - 1 || stats.isDirectory());
    } catch {
      return false;
    }
  });
}
