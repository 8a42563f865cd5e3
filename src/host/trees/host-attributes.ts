import { chmodSync, lchownSync, lstatSync, lutimesSync, type Stats } from 'node:fs';
import type { TreePath } from '../../content/index.ts';
import { toFsName } from '../../tar/index.ts';
import { findInStack, type Stack } from './overlay-stack.ts';
import { readRecord, recordsAttributes } from './recorded-attributes.ts';

export interface HostAttributes {
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number | undefined;
  readonly mtime?: number | undefined;
}

/** Sets the given attributes. Sets the owner first, because it resets mode bits. `mode` must be undefined for a symlink. */
export function setAttributes(file: string | Buffer, { uid, gid, mode, mtime }: HostAttributes): void {
  if (uid !== undefined && gid !== undefined) lchownSync(file, uid, gid);
  if (mode !== undefined) chmodSync(file, mode);
  if (mtime !== undefined) lutimesSync(file, mtime, mtime);
}

/** Changes times before 1970 to 1970, like containerd, because Node would set the current time. */
export function toDiskTime(mtime: number): number {
  return Math.max(0, mtime);
}

/** Reads the attributes of a directory in a stack of directories; undefined if there is no directory at this path. */
export function readLowerAttributes(lower: Stack, path: TreePath): Stats | undefined {
  let stack = lower;
  for (const name of path.split('/')) {
    const child = findInStack(stack, name);
    if (child.kind !== 'directory') return undefined;
    stack = child.stack;
  }
  if (stack[0] === undefined) return undefined;
  const stats = lstatSync(toFsName(stack[0]));
  return recordsAttributes() ? Object.assign(stats, readRecord(stack[0]) ?? { uid: 0, gid: 0 }) : stats;
}
