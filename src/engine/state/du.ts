import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskUsage, UsageKind, UsageLine } from '../../api/index.ts';
import type { Cache } from '../../cache/index.ts';
import { measureDiskBytes } from '../../host/index.ts';
import type { Store } from '../../store/index.ts';
import { FOLDERS } from '../folders.ts';
import { liveLayers } from './live-layers.ts';
import { otherNames } from './other-names.ts';

export interface UsageServices {
  readonly store: Store;
  readonly cache: Pick<Cache, 'records'>;
  readonly config: { readonly root: string };
}

/** Caches that can be made again. Cache mounts belong to the user and are not counted. */
const RECLAIMABLE: ReadonlySet<UsageKind> = new Set<UsageKind>([
  'unpacked-layers',
  'fetched-sources',
  'memories',
  'logs',
  'temporary',
  'older-formats',
]);

/** Folders that are reported as one line each. */
const KINDS: readonly UsageKind[] = [
  'unpacked-layers',
  'layer-listings',
  'cache-mounts',
  'containers',
  'volumes',
  'fetched-sources',
  'memories',
  'logs',
  'temporary',
];

/** Returns the exact size of the store on disk. */
export async function diskUsage(services: UsageServices): Promise<DiskUsage> {
  const { root } = services.config;
  const { older, unknown } = otherNames(root);
  const lines = [
    ...blobLines(services),
    ...KINDS.map((kind) => folderLine(root, kind)),
    bookkeepingLine(services),
    namesLine(root, 'older-formats', older),
    namesLine(root, 'unknown', unknown),
  ];
  return { lines, bytes: sumOf(lines, 'bytes'), reclaimable: sumOf(lines, 'reclaimable') };
}

/** Blobs are counted for the images that need them, otherwise for the cache. */
function blobLines({ store, cache, config }: UsageServices): readonly UsageLine[] {
  const images = store.list();
  const live = liveLayers(store, images);
  const named = liveLayers(
    store,
    images.filter(({ name }) => name !== undefined),
  );
  const records = [...cache.records()].length;
  const recordBytes = pathsOf('build-cache').reduce((sum, path) => sum + measureDiskBytes(join(config.root, path)), 0);
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

function folderLine(root: string, kind: UsageKind): UsageLine {
  const folders = pathsOf(kind).map((path) => join(root, path));
  const count = folders.reduce((sum, folder) => sum + entriesIn(folder).length, 0);
  const bytes = folders.reduce((sum, folder) => sum + measureDiskBytes(folder), 0);
  return { kind, count, bytes, reclaimable: RECLAIMABLE.has(kind) && count > 0 ? bytes : 0 };
}

/** The root itself, files in `images/` other than blobs, and locks. */
function bookkeepingLine({ store, config: { root } }: UsageServices): UsageLine {
  const own = (lstatSync(root, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  const blobs = [...store.blobs()].reduce((sum, blob) => sum + blob.diskBytes, 0);
  const paths = pathsOf('bookkeeping').map((path) => measureDiskBytes(join(root, path)));
  const bytes =
    own + measureDiskBytes(join(root, FOLDERS.images.path)) - blobs + paths.reduce((sum, each) => sum + each, 0);
  return { kind: 'bookkeeping', count: paths.length, bytes, reclaimable: 0 };
}

function namesLine(root: string, kind: UsageKind, names: readonly string[]): UsageLine {
  const bytes = names.reduce((sum, name) => sum + measureDiskBytes(join(root, name)), 0);
  return { kind, count: names.length, bytes, reclaimable: RECLAIMABLE.has(kind) ? bytes : 0, names };
}

function pathsOf(kind: UsageKind): readonly string[] {
  return Object.values(FOLDERS).flatMap(({ path, usage }) => (usage === kind ? [path] : []));
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
