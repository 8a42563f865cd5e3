import type { FileTree } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import type { BuildContext } from './index.ts';

/** A context without files, for a build file on standard input. */
export function emptyContext(): BuildContext {
  return {
    name: 'stdin',
    scan: async () => NOTHING,
    ignoredBy: () => undefined,
    similar: async () => [],
    save: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

const NOTHING: FileTree = {
  stat: (path) =>
    path === '' ? { path, type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 } : undefined,
  list: () => [],
  locate: throwMissing,
  digest: throwMissing,
};

function throwMissing(path: string): never {
  throw new MkimageError('not-found', `open \`${path}\`: the context is empty`);
}
