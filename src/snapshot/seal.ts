/**
 * Detects changes of an unpacked layer by the change times of its files. The kernel updates the change time at every change of an
 * inode, and no process can set it. So a stat of each file is enough, and no content has to be read.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { listHostNames, walkTree } from '../host/index.ts';
import { openSealedJson, sealJson } from '../oci/index.ts';
import { toFsName } from '../tar/index.ts';

export interface Seal {
  readonly stamp: string;
  /** Disk usage. */
  readonly bytes: number;
}

/** Number of objects between two turns of the event loop, about a millisecond. */
const TURN = 256;
/** BATCH: characters of text that are hashed at once. LONG: a longer path is walked with descriptors. */
const BATCH = 1 << 16;
const LONG = 1000;

/** Computes the seal of a directory without blocking the event loop. Written for speed, because a layer has thousands of files. */
export async function computeSeal(directory: string): Promise<Seal> {
  const sum = new Sum();
  const waiting = [directory];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path.length > LONG) {
      for (const { stats } of walkTree(toFsName(path))) sum.add('', numbersOf(stats));
      continue;
    }
    for (const name of namesIn(path)) {
      const file = `${path}/${name}`;
      const stats = lstatSync(toFsName(file));
      sum.add(name, stats);
      if (stats.isDirectory()) waiting.push(file);
      if (sum.objects % TURN === 0) await new Promise((turn) => setImmediate(turn));
    }
  }
  sum.add('/', lstatSync(directory));
  return sum.finish();
}

type Numbers = Pick<Stats, 'ino' | 'size' | 'ctimeMs' | 'nlink' | 'blocks' | 'mode'>;

class Sum {
  objects = 0;
  readonly #hash = createHash('sha256');
  readonly #linked = new Set<number>();
  #bytes = 0;
  #text = '';

  add(name: string, { ino, size, ctimeMs, nlink, blocks, mode }: Numbers): void {
    this.objects++;
    this.#text += `${name} ${ino} ${size} ${ctimeMs} ${mode}\n`;
    if (this.#text.length > BATCH) this.#flush();
    if (nlink === 1 || !this.#linked.has(ino)) this.#bytes += blocks * 512;
    if (nlink > 1) this.#linked.add(ino);
  }

  finish(): Seal {
    this.#flush();
    return { stamp: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  #flush(): void {
    this.#hash.update(this.#text);
    this.#text = '';
  }
}

/** Names that are not UTF-8 are escaped. */
function namesIn(directory: string): readonly string[] {
  const names = readdirSync(toFsName(directory));
  return names.some((name) => name.includes('\ufffd')) ? listHostNames(directory) : names;
}

function numbersOf(
  stats: Readonly<Record<keyof Omit<Numbers, 'ctimeMs'>, bigint>> & { readonly ctimeNs: bigint },
): Numbers {
  const { ino, size, ctimeNs, nlink, blocks, mode } = stats;
  return {
    ino: Number(ino),
    size: Number(size),
    ctimeMs: Number(ctimeNs) / 1e6,
    nlink: Number(nlink),
    blocks: Number(blocks),
    mode: Number(mode),
  };
}

export function formatSeal(seal: Seal): string {
  return sealJson(seal);
}

/** Returns undefined if the text is not a seal. */
export function parseSeal(text: string): Seal | undefined {
  return openSealedJson(text) as Seal | undefined;
}
