import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { fsName, hostNames } from '../layer/index.ts';

/** Bytes on disk of a directory and all in it; hard links count once. */
export function diskUsage(directory: string): number {
  return usageOf(directory, new Set());
}

function usageOf(file: string, seen: Set<bigint>): number {
  const stats = lstatSync(fsName(file), { bigint: true });
  if (seen.has(stats.ino)) return 0;
  seen.add(stats.ino);
  const inside = stats.isDirectory() ? hostNames(file).map((name) => usageOf(join(file, name), seen)) : [];
  return inside.reduce((sum, bytes) => sum + bytes, Number(stats.blocks) * 512);
}
