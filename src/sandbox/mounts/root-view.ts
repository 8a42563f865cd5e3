import type { TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Child, findInStack, type Stack } from '../../host/index.ts';

/** Where a path leads in the root that a step will see, before anything is mounted. */
export type Place =
  /** `stack`: the host directories that merge there. */
  | { readonly kind: 'directory'; readonly path: TreePath; readonly stack: Stack }
  /** Anything else that can be mounted over; `file` is where it lies on the host. */
  | { readonly kind: 'file'; readonly path: TreePath; readonly file: string }
  | { readonly kind: 'missing'; readonly path: TreePath };

/** What is going to be mounted at a resolved path, so that a later path through it is looked up there. */
export type MountedAt = (path: TreePath) => Mounted | undefined;
export type Mounted = Exclude<Child, { kind: 'symlink' }>;

interface Step {
  readonly name: string;
  readonly at: Mounted;
}

const MAX_LINKS = 255;

/**
 * Where `path` leads inside the root, symlinks followed by us and never by the host's kernel: absolute ones start again at
 * the root, `..` stops there. What lies behind the first missing component counts as it is written. Throws `sandbox` on a
 * loop of symlinks or a path through a file.
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
