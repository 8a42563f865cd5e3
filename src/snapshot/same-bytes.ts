import { closeSync, openSync, readSync } from 'node:fs';
import { fsName } from '../tar/index.ts';

const CHUNK = 1 << 16;

/** True if two files of the host hold the same bytes. */
export function sameBytes(one: string, other: string): boolean {
  const files = [openSync(fsName(one), 'r'), openSync(fsName(other), 'r')] as const;
  const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;
  try {
    for (;;) {
      const lengths = [fill(files[0], buffers[0]), fill(files[1], buffers[1])] as const;
      if (lengths[0] !== lengths[1]) return false;
      if (!buffers[0].subarray(0, lengths[0]).equals(buffers[1].subarray(0, lengths[1]))) return false;
      if (lengths[0] < CHUNK) return true;
    }
  } finally {
    files.forEach(closeSync);
  }
}

function fill(file: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(file, buffer, length, buffer.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}
