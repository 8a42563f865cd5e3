import { chmodSync, lchownSync, lstatSync, lutimesSync, type Stats } from 'node:fs';
import type { TreePath } from '../../content/index.ts';
import { toFsName } from '../../tar/index.ts';
import { childInStack, type Stack } from './overlay-stack.ts';

export interface HostAttributes {
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number | undefined;
  readonly mtime?: number | undefined;
}

/** Sets what is given, in the order in which one does not undo another. `mode` must not be given for a symlink. */
export function setAttributes(file: string | Buffer, { uid, gid, mode, mtime }: HostAttributes): void {
  if (uid !== undefined && gid !== undefined) lchownSync(file, uid, gid);
  if (mode !== undefined) chmodSync(file, mode);
  if (mtime !== undefined) lutimesSync(file, mtime, mtime);
}

/** Times before 1970 are taken as 1970, as by containerd: Node takes them as now. */
export function timeOnDisk(mtime: number): number {
  return Math.max(0, mtime);
}

/** What a stack of directories has to say about a directory; undefined if there is none at this path. */
export function attributesBelow(below: Stack, path: TreePath): Stats | undefined {
  let stack = below;
  for (const name of path.split('/')) {
    const child = childInStack(stack, name);
    if (child.kind !== 'directory') return undefined;
    stack = child.stack;
  }
  return stack[0] === undefined ? undefined : lstatSync(toFsName(stack[0]));
}
