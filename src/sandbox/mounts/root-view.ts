import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Child, findInStack, type Stack } from '../../host/index.ts';

/** The object at a path in the root of a step, before anything is mounted. */
export type Place =
  /** `stack`: the host directories that are merged there. */
  | { readonly kind: 'directory'; readonly path: TreePath; readonly stack: Stack }
  /** Any other object that can be a mount point; `file` is its host path. */
  | { readonly kind: 'file'; readonly path: TreePath; readonly file: string }
  | { readonly kind: 'missing'; readonly path: TreePath };

/** Returns the object that is going to be mounted at a resolved path, so that later paths are resolved through it. */
export type MountedAt = (path: TreePath) => Mounted | undefined;
export type Mounted = Exclude<Child, { kind: 'symlink' }>;

interface Step {
  readonly name: string;
  readonly at: Mounted;
}

const MAX_LINKS = 255;

/**
 * Resolves `path` inside the root. Follows symlinks itself, never with the host's kernel: absolute ones start again at the root, `..`
 * stops there. Components after the first missing one are kept as they are. Throws `sandbox` for a loop of symlinks or a path through a
 * file.
 */
export function resolveInRoot(root: Stack, path: string, mountedAt: MountedAt = () => undefined): Place {
  const top: Mounted = { kind: 'directory', stack: root };
  const todo = componentsOf(path);
  let trail: readonly Step[] = [];
  for (let links = 0; todo.length > 0; ) {
    const name = todo.shift()!;
    const parent = trail.at(-1)?.at ?? top;
    if (parent.kind === 'file')
      throw new MkimageError('sandbox', `resolve \`${path}\`: \`/${pathOf(trail)}\` is a file`);
    if (name === '..') {
      trail = trail.slice(0, -1);
      continue;
    }
    const found = mountedAt(pathOf([...trail, { name }])) ?? childOf(parent, name);
    if (found.kind !== 'symlink') {
      trail = [...trail, { name, at: found }];
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new MkimageError('sandbox', `resolve \`${path}\`: too many symbolic links`);
    if (found.target.startsWith('/')) trail = [];
    todo.unshift(...componentsOf(found.target));
  }
  return { ...(trail.at(-1)?.at ?? top), path: pathOf(trail) };
}

function childOf(parent: Mounted, name: string): Child {
  return parent.kind === 'directory' ? findInStack(parent.stack, name) : { kind: 'missing' };
}

function pathOf(trail: readonly { readonly name: string }[]): TreePath {
  return trail.map(({ name }) => name).join('/');
}

function componentsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
