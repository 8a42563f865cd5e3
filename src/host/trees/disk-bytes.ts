import { walkTree } from './walk-tree.ts';

/**
 * Returns the disk usage of a file, or of a folder with its content, in bytes: the same as `du -s`. A file with several links counts
 * once. Returns 0 if the path does not exist.
 */
export function measureDiskBytes(path: string): number {
  const seen = new Set<bigint>();
  let bytes = 0;
  for (const { stats } of walkTree(path)) {
    if (stats.nlink > 1n && !stats.isDirectory()) {
      if (seen.has(stats.ino)) continue;
      seen.add(stats.ino);
    }
    bytes += Number(stats.blocks) * 512;
  }
  return bytes;
}
