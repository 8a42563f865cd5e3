/** Makes the files of a cache mount to a layer: all of them, or those that the cache does not have yet. */
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { SharedDocument, SharedMount, SharedStorage } from '../../../../cache/index.ts';
import { comparePaths, type FileEntry, parentOf, type TreePath } from '../../../../content/index.ts';
import { MkimageError } from '../../../../errors.ts';
import type { TryLock } from '../../../../executor/index.ts';
import { type Change, LayerWriter } from '../../../../layer/index.ts';
import type { Layer } from '../../../../oci/index.ts';
import type { Call } from '../../../../progress.ts';
import type { Services } from '../../../services.ts';
import { type ListedFiles, listFiles } from './list-files.ts';
import { type EncodedListing, encodeListing, type MountListing, readListing } from './mount-listing.ts';
import type { PlannedMount } from './planned-mounts.ts';

export interface CollectedMount {
  /** The layers that the cache has already; the new one is put on top of them. */
  readonly below: SharedMount['layers'];
  readonly layer: Layer;
  readonly listing: EncodedListing;
}

export interface Collecting {
  readonly mount: PlannedMount;
  /** `mounts-v1`. */
  readonly folder: string;
  readonly mostBytes: number;
  readonly earlier: SharedDocument;
  readonly storage: SharedStorage;
}

type CollectServices = Pick<Services, 'store'> & { readonly tryLock: TryLock };

/** Many layers of small changes cost more than one with everything. */
const MOST_LAYERS = 8;
const FREE_BYTES = 32 << 20;
const LOCK_PATIENCE_MS = 2000;

/** Returns undefined if this machine has no such mount, or the cache has its files. Throws `in-use`, `limit`, `store`. */
export async function collectMount(
  services: CollectServices,
  { mount, folder, mostBytes, earlier, storage }: Collecting,
  call: Call,
): Promise<CollectedMount | undefined> {
  const place = join(folder, mount.key, '0');
  if (!existsSync(place)) return undefined;
  await using _lock = await lockMount(services, mount, place);
  const root = realpathSync(place);
  const files = await listFiles(root, { mostBytes }, call);
  const known = await findKnown({ mount, files, earlier, storage }, call);
  const changes = listChanges(root, files, known?.listing ?? new Map());
  if (changes.length === 0) return undefined;
  await using writer = new LayerWriter(services.store);
  await writer.addAll(changes, call);
  const { layer } = await writer.finish();
  return { below: known?.layers ?? [], layer, listing: encodeListing(files.listing) };
}

/** A mount that steps share has no lock. */
async function lockMount({ tryLock }: CollectServices, { sharing }: PlannedMount, place: string) {
  if (sharing === 'shared') return undefined;
  const lock = await tryLock(`${place}.lock`, LOCK_PATIENCE_MS);
  if (lock !== undefined) return lock;
  throw new MkimageError('in-use', 'a step uses it');
}

interface KnownMount {
  readonly listing: MountListing;
  readonly layers: SharedMount['layers'];
}

/** What the cache has, if it is worth being continued. */
async function findKnown(
  {
    mount,
    files,
    earlier,
    storage,
  }: Pick<Collecting, 'mount' | 'earlier' | 'storage'> & { readonly files: ListedFiles },
  call: Call,
): Promise<KnownMount | undefined> {
  const found = earlier.mounts.find(({ key }) => key === mount.key);
  if (found === undefined || found.layers.length >= MOST_LAYERS) return undefined;
  const forms = found.layers.map((diffId) => earlier.forms.get(diffId)!);
  if (forms.reduce((sum, { size }) => sum + size, 0) > 2 * files.bytes + FREE_BYTES) return undefined;
  for (const { blob } of forms) if (!(await storage.has(blob, call))) return undefined;
  const listing = await readListing(storage, found.files, call);
  return listing && { listing, layers: found.layers };
}

function listChanges(root: string, { entries, listing }: ListedFiles, known: MountListing): readonly Change[] {
  const puts = entries.filter(({ path }) => known.get(path) !== listing.get(path)).map((entry) => putOf(root, entry));
  const folders = new Set(entries.flatMap(({ type, path }) => (type === 'directory' ? path : [])));
  const isInside = (path: TreePath) => parentOf(path) === '' || folders.has(parentOf(path));
  // What is below a deleted directory, or one that became a file, goes with it.
  const gone = [...known.keys()].filter((path) => !listing.has(path) && isInside(path));
  const deletes = gone.map((path) => ({ kind: 'delete', path }) as const);
  return [...puts, ...deletes].sort((one, other) => comparePaths(pathOf(one), pathOf(other)));
}

function putOf(root: string, entry: FileEntry): Change {
  if (entry.type !== 'file') return { kind: 'put', entry };
  const content = { kind: 'host', file: `${root}/${entry.path}`, offset: 0, size: entry.size } as const;
  return { kind: 'put', entry, content };
}

function pathOf(change: Change): TreePath {
  return change.kind === 'put' ? change.entry.path : change.path;
}
