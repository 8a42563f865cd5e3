import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChainId, chainIdOf, type Descriptor, EMPTY_CHAIN, type Layer } from '../oci/index.ts';
import { FOLDERS } from './folders.ts';

/** What containers need of the store: it is kept as long as they exist, whatever happens to the names of their images. */
export interface HeldImages {
  readonly manifests: readonly Descriptor[];
  readonly chains: ReadonlySet<ChainId>;
}

export function readHeldImages(root: string): HeldImages {
  const home = join(root, FOLDERS.containers.path);
  const records = namesIn(home).flatMap((name) => readRecord(join(home, name, 'config.json')) ?? []);
  return {
    manifests: records.map(({ manifest }) => manifest),
    chains: new Set(records.flatMap(({ layers }) => chainsOf(layers))),
  };
}

interface HeldRecord {
  readonly manifest: Descriptor;
  readonly layers: readonly Layer[];
}

function readRecord(path: string): HeldRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as HeldRecord;
  } catch {
    return undefined; // no container, or one that is being removed
  }
}

function chainsOf(layers: readonly Layer[]): readonly ChainId[] {
  let chain = EMPTY_CHAIN;
  return layers.map(({ diffId }) => {
    chain = chainIdOf(chain, diffId);
    return chain;
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
