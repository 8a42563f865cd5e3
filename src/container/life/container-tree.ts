import { lstatSync } from 'node:fs';
import type { FileEntry, FileTree, TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Child, findInStack, readHostEntry, type Stack } from '../../host/index.ts';
import { type Digest, digestOf } from '../../oci/index.ts';
import type { Rootfs } from '../../snapshot/index.ts';

/** The directories of a container's root, topmost first. */
export function stackOf(rootfs: Rootfs): Stack {
  return rootfs.kind === 'overlay' ? [rootfs.upper, ...rootfs.lowers] : [rootfs.path];
}

/** The files of a container's root as they are now, to look up users and groups. Directories are not listed. */
export function openContainerTree(stack: Stack): FileTree {
  return {
    stat: (path) => entryOf(findAt(stack, path), path),
    list: () => [],
    locate: (path) => {
      const child = findAt(stack, path);
      const entry = entryOf(child, path);
      if (child.kind !== 'file' || entry === undefined) throw createMissingError(path);
      return { kind: 'host', file: child.file, offset: 0, size: entry.size };
    },
    digest: (path): Digest => digestOf(path),
  };
}

/** Finds an object without following symlinks. */
export function findAt(stack: Stack, path: TreePath): Child {
  let here: Child = { kind: 'directory', stack };
  for (const name of path.split('/').filter((each) => each !== '')) {
    if (here.kind !== 'directory') return { kind: 'missing' };
    here = findInStack(here.stack, name);
  }
  return here;
}

function entryOf(child: Child, path: TreePath): FileEntry | undefined {
  if (child.kind === 'missing') return undefined;
  const file = child.kind === 'directory' ? child.stack[0] : child.file;
  return file === undefined ? undefined : readHostEntry(file, path, lstatSync(file, { bigint: true }));
}

function createMissingError(path: string): MkimageError {
  return new MkimageError('not-found', `read \`/${path}\`: not found in the container`);
}
