import { lstatSync, readdirSync } from 'node:fs';

/** What a file, or a folder with all in it, takes on the disk, in bytes: exactly what `du -s` counts. 0 if it is not there. */
export function diskBytes(path: string, seen: Set<bigint> = new Set()): number {
  return usageOf(Buffer.from(path), seen);
}

/** Names are bytes here: an unpacked layer may hold any. A file with several links counts once. */
function usageOf(path: Buffer, seen: Set<bigint>): number {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || (stat.nlink > 1n && !stat.isDirectory() && seen.has(stat.ino))) return 0;
  seen.add(stat.ino);
  let bytes = Number(stat.blocks) * 512;
  if (stat.isDirectory()) {
    for (const name of readdirSync(path, { encoding: 'buffer' }))
      bytes += usageOf(Buffer.concat([path, SLASH, name]), seen);
  }
  return bytes;
}

const SLASH = Buffer.from('/');
