import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { getXattr } from '../calls/xattrs.ts';

/** Host directories that overlayfs would merge into one, topmost first. An empty stack is an empty directory. */
export type Stack = readonly string[];

export type Child =
  | { readonly kind: 'directory'; readonly stack: Stack }
  /** `file` is the host path of the object. */
  | { readonly kind: 'symlink'; readonly target: string; readonly file: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'missing' };

/**
 * Finds one name in a stack by overlayfs' rules: the topmost object wins, a whiteout hides lower objects, directories merge down to
 * an opaque one. Follows no symlinks.
 */
export function findInStack(stack: Stack, name: string): Child {
  const merged: string[] = [];
  for (const [index, directory] of stack.entries()) {
    const file = join(directory, name);
    const stats = lstatSync(toFsName(file), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (isWhiteout(stats)) break;
    if (!stats.isDirectory()) return merged.length > 0 ? { kind: 'directory', stack: merged } : toLeaf(stats, file);
    merged.push(file);
    if (index < stack.length - 1 && isOpaque(file)) break;
  }
  return merged.length > 0 ? { kind: 'directory', stack: merged } : { kind: 'missing' };
}

function toLeaf(stats: BigIntStats, file: string): Child {
  if (!stats.isSymbolicLink()) return { kind: 'file', file };
  return { kind: 'symlink', target: textOfBytes(readlinkSync(toFsName(file), { encoding: 'buffer' })), file };
}

/** Returns true for overlayfs' mark of a deleted name: a character device 0:0. */
export function isWhiteout(stats: BigIntStats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0n;
}

/** Returns true if a directory hides the content of lower directories of the same name. */
export function isOpaque(directory: string): boolean {
  return ['trusted.overlay.opaque', 'user.overlay.opaque'].some(
    (name) => getXattr(directory, name)?.toString() === 'y',
  );
}
