import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cache } from '../../cache/index.ts';
import { diskBytes } from '../../host/index.ts';
import type { Store } from '../../store/index.ts';
import { liveLayers } from './live-layers.ts';

export interface UsageServices {
  readonly store: Store;
  readonly cache: Pick<Cache, 'records'>;
  readonly config: { readonly root: string };
}

export type UsageKind =
  | 'images'
  | 'build-cache' // layers that no image has, and the records of steps
  | 'unpacked-layers'
  | 'layer-listings'
  | 'cache-mounts'
  | 'logs'
  | 'temporary'
  | 'other';

/** A line of `mkimage du`. */
export interface UsageLine {
  readonly kind: UsageKind;
  /** Images, records, or files and folders, as they are counted. */
  readonly count: number;
  /** Bytes of the disk. */
  readonly bytes: number;
  /** How much of it `prune --all` gives back. */
  readonly reclaimable: number;
}

export interface DiskUsage {
  readonly lines: readonly UsageLine[];
  /** The same as `du -s` of the store's folder. */
  readonly bytes: number;
  readonly reclaimable: number;
}

const FOLDERS: Readonly<Record<string, UsageKind>> = {
  'snapshots-v1': 'unpacked-layers',
  'trees-v1': 'layer-listings',
  'mounts-v1': 'cache-mounts',
  logs: 'logs',
  tmp: 'temporary',
};

/** Caches that can be made again; cache mounts are the user's until they say otherwise. */
const RECLAIMABLE: ReadonlySet<UsageKind> = new Set(['unpacked-layers', 'logs', 'temporary']);

/** What the store takes on the disk, to the byte. */
export async function diskUsage(services: UsageServices): Promise<DiskUsage> {
  const { root } = services.config;
  const whole = diskBytes(root);
  const known = [
    ...blobLines(services),
    ...Object.entries(FOLDERS).map(([name, kind]) => folderLine(root, name, kind)),
  ];
  const rest = whole - sumOf(known, 'bytes');
  const lines: readonly UsageLine[] = [...known, { kind: 'other', count: 0, bytes: rest, reclaimable: 0 }];
  return { lines, bytes: whole, reclaimable: sumOf(lines, 'reclaimable') };
}

/** Blobs belong to the images that need them, and to the cache if none does. */
function blobLines({ store, cache, config }: UsageServices): readonly UsageLine[] {
  const images = store.list();
  const live = liveLayers(store, images);
  const named = liveLayers(
    store,
    images.filter(({ name }) => name !== undefined),
  );
  const records = [...cache.records()].length;
  const recordBytes = diskBytes(join(config.root, 'cache-v1')) + diskBytes(join(config.root, 'layers-v1'));
  let [inImages, dangling, elsewhere] = [0, 0, 0];
  for (const { digest, diskBytes: bytes } of store.blobs()) {
    if (!live.blobs.has(digest)) elsewhere += bytes;
    else inImages += bytes;
    if (live.blobs.has(digest) && !named.blobs.has(digest)) dangling += bytes;
  }
  const cached = elsewhere + recordBytes;
  return [
    { kind: 'images', count: images.length, bytes: inImages, reclaimable: dangling },
    { kind: 'build-cache', count: records, bytes: cached, reclaimable: cached },
  ];
}

function folderLine(root: string, name: string, kind: UsageKind): UsageLine {
  const folder = join(root, name);
  const names = entriesIn(folder);
  const bytes = diskBytes(folder);
  return { kind, count: names.length, bytes, reclaimable: RECLAIMABLE.has(kind) && names.length > 0 ? bytes : 0 };
}

function entriesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function sumOf(lines: readonly UsageLine[], member: 'bytes' | 'reclaimable'): number {
  return lines.reduce((sum, line) => sum + line[member], 0);
}
