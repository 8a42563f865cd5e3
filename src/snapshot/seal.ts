/**
 * What proves that an unpacked layer is still what was unpacked: the change times of all that is in it. The kernel sets one at
 * every change of an inode and nobody can set it back, so that looking at a file is enough, and none has to be read.
 */
import { createHash } from 'node:crypto';
import { walkTree } from '../host/index.ts';
import { openSealedJson, sealJson } from '../oci/index.ts';

export interface Seal {
  readonly stamp: string;
  /** What it takes on the disk. */
  readonly bytes: number;
}

/** Objects between two turns of the event loop, about a millisecond. */
const TURN = 256;
const SLASH = 0x2f;

/** Looks at all that a directory holds, while others run. */
export async function sealOf(directory: string): Promise<Seal> {
  const hash = createHash('sha256');
  const linked = new Set<bigint>();
  let [bytes, objects] = [0, 0];
  for (const { path, stats } of walkTree(directory)) {
    if (objects > 0) hash.update(path.subarray(path.lastIndexOf(SLASH)));
    hash.update(` ${stats.ino} ${stats.size} ${stats.ctimeNs}\n`);
    if (stats.nlink === 1n || stats.isDirectory() || !linked.has(stats.ino)) bytes += Number(stats.blocks) * 512;
    if (stats.nlink > 1n) linked.add(stats.ino);
    if (++objects % TURN === 0) await new Promise((turn) => setImmediate(turn));
  }
  return { stamp: hash.digest('hex'), bytes };
}

export function formatSeal(seal: Seal): string {
  return sealJson(seal);
}

/** undefined: the text is no seal. */
export function parseSeal(text: string): Seal | undefined {
  return openSealedJson(text) as Seal | undefined;
}
