import { walkTree } from './walk-tree.ts';

/**
 * What a file, or a folder with all in it, takes on the disk, in bytes: exactly what `du -s` counts. A file with several
 * links counts once. 0 if it is not there.
 */
export function diskBytes(path: string): number {
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
