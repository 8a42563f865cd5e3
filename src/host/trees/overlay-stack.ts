import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { textOfBytes, toFsName } from '../../tar/index.ts';
import { getXattr } from '../calls/xattrs.ts';

/** Host directories that overlayfs would merge into one, topmost first. Empty: a directory without anything in it. */
export type Stack = readonly string[];

export type Child =
  | { readonly kind: 'directory'; readonly stack: Stack }
  /** `file` is where it lies on the host, of this and of anything else. */
  | { readonly kind: 'symlink'; readonly target: string; readonly file: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'missing' };

/**
 * One name in a stack by overlayfs' rules: the topmost wins, a whiteout hides, directories merge down to an opaque one.
 * Follows nothing.
 */
export function childInStack(stack: Stack, name: string): Child {
  const merged: string[] = [];
  for (const [index, directory] of stack.entries()) {
    const file = join(directory, name);
    const stats = lstatSync(toFsName(file), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (isWhiteout(stats)) break;
    if (!stats.isDirectory()) return merged.length > 0 ? { kind: 'directory', stack: merged } : leaf(stats, file);
    merged.push(file);
    if (index < stack.length - 1 && isOpaque(file)) break;
  }
  return merged.length > 0 ? { kind: 'directory', stack: merged } : { kind: 'missing' };
}

function leaf(stats: BigIntStats, file: string): Child {
  if (!stats.isSymbolicLink()) return { kind: 'file', file };
  return { kind: 'symlink', target: textOfBytes(readlinkSync(toFsName(file), { encoding: 'buffer' })), file };
}

/** overlayfs' mark of a deleted name: a character device 0:0. */
export function isWhiteout(stats: BigIntStats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0n;
}

/** True if a directory hides what the directories below have under its name. */
export function isOpaque(directory: string): boolean {
  return ['trusted.overlay.opaque', 'user.overlay.opaque'].some(
    (name) => getXattr(directory, name)?.toString() === 'y',
  );
}
