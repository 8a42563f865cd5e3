import { closeSync, openSync } from 'node:fs';
import { readFully } from '../content/index.ts';
import { toFsName } from '../tar/index.ts';

const CHUNK = 1 << 16;

/** Returns true if two files of the host have the same bytes. */
export function haveSameBytes(one: string, other: string): boolean {
  const files = [openSync(toFsName(one), 'r'), openSync(toFsName(other), 'r')] as const;
  const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;
  try {
    for (;;) {
      const lengths = [readFully(files[0], buffers[0]), readFully(files[1], buffers[1])] as const;
      if (lengths[0] !== lengths[1]) return false;
      if (!buffers[0].subarray(0, lengths[0]).equals(buffers[1].subarray(0, lengths[1]))) return false;
      if (lengths[0] < CHUNK) return true;
    }
  } finally {
    files.forEach(closeSync);
  }
}
