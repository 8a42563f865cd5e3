/** Writes one cache: the layers of steps as blobs, and a document with their records. */
import { createReadStream } from 'node:fs';
import type { CacheTarget } from '../../../api/index.ts';
import {
  decodeDocument,
  EMPTY_DOCUMENT,
  encodeDocument,
  type SharedDocument,
  type SharedForm,
  type SharedMount,
  type SharedStorage,
} from '../../../cache/index.ts';
import { workSideBySide } from '../../../content/index.ts';
import { isMkimageError } from '../../../errors.ts';
import type { JournalEntry } from '../../../executor/index.ts';
import { blobsOf } from '../../../exporter/index.ts';
import { compressionOf, type Descriptor, type Digest, isDigest, type Layer } from '../../../oci/index.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';

export type CacheContentServices = Pick<Services, 'store' | 'cache' | 'remoteLayers'>;

export interface CacheContent {
  readonly entries: readonly JournalEntry[];
  /** Layers that the caches of `--cache-from` have: one of them may be the cache that is written. */
  readonly known: SharedDocument['forms'];
}

export interface WriteOptions {
  readonly storage: SharedStorage;
  readonly target: Pick<CacheTarget, 'compression' | 'level'>;
}

/** BuildKit's limit of uploads. */
const AT_ONCE = 4;

/** Returns what was published. Cache mounts that the cache has stay in it. */
export async function writeCache(
  services: CacheContentServices,
  { content: { entries, known }, storage, target }: WriteOptions & { readonly content: CacheContent },
  call: Call,
): Promise<SharedDocument> {
  const earlier = await readEarlier(storage, call);
  const layers = distinctLayers(entries.flatMap(({ record }) => record.layer ?? []));
  const work = async (layer: Layer, bounded: Call) => {
    const form =
      (await findForm(storage, { layer, target, known: [earlier.forms, known] }, bounded)) ??
      (await writeLayer(services, { layer, storage, target }, bounded));
    return [layer.diffId, { ...form, size: layer.blob.size }] as const;
  };
  const forms = new Map(await workSideBySide(layers, { atOnce: AT_ONCE, work }, call));
  const mounts = await findStored(storage, earlier, call);
  const carried = mounts.flatMap((mount) =>
    mount.layers.map((diffId) => [diffId, earlier.forms.get(diffId)!] as const),
  );
  const document: SharedDocument = {
    records: entries.map(({ keys, place, record }) => ({ keys, record, place })),
    forms: new Map([...carried, ...forms]),
    listings: listingsOf(services, entries),
    mounts,
  };
  await storage.publish({ document: encodeDocument(document), blobs: listBlobs(document) }, call);
  return document;
}

/** The blobs that a document names. */
export function listBlobs({ forms, mounts }: SharedDocument): readonly Descriptor[] {
  return distinctBlobs([...[...forms.values()].map(({ blob }) => blob), ...mounts.map(({ files }) => files)]);
}

/** The cache mounts whose blobs are all there: a registry takes no manifest with a blob that it lost. */
async function findStored(
  storage: SharedStorage,
  { mounts, forms }: SharedDocument,
  call: Call,
): Promise<SharedDocument['mounts']> {
  const stored: SharedMount[] = [];
  for (const mount of mounts) {
    const blobs = [mount.files, ...mount.layers.map((diffId) => forms.get(diffId)!.blob)];
    const missing = await Promise.all(blobs.map(async (blob) => !(await storage.has(blob, call))));
    if (!missing.includes(true)) stored.push(mount);
  }
  return stored;
}

/** A cache that is damaged or belongs to another program is replaced. */
async function readEarlier(storage: SharedStorage, call: Call): Promise<SharedDocument> {
  try {
    const bytes = await storage.readDocument(call);
    return bytes === undefined ? EMPTY_DOCUMENT : decodeDocument(bytes);
  } catch (error) {
    if (isMkimageError(error) && REPLACEABLE.has(error.code)) return EMPTY_DOCUMENT;
    throw error;
  }
}

const REPLACEABLE: ReadonlySet<string> = new Set(['unsupported', 'integrity', 'invalid-archive', 'not-found', 'limit']);

interface FormSearch {
  readonly layer: Layer;
  readonly target: Pick<CacheTarget, 'compression'>;
  readonly known: readonly SharedDocument['forms'][];
}

/** Returns a form of the layer that the storage has, so that its bytes need not be here. */
async function findForm(
  storage: SharedStorage,
  { layer: { diffId }, target, known }: FormSearch,
  call: Call,
): Promise<SharedForm | undefined> {
  for (const forms of known) {
    const form = forms.get(diffId);
    const fits = form !== undefined && compressionOf(form.blob.mediaType) === target.compression;
    if (fits && (await storage.has(form.blob, call))) return { blob: form.blob, recipe: form.recipe };
  }
  return undefined;
}

/** Compresses a layer of the store, or of another cache, and puts it. */
export async function writeLayer(
  services: CacheContentServices,
  { layer, storage, target }: Pick<WriteOptions, 'storage' | 'target'> & { readonly layer: Layer },
  call: Call,
): Promise<SharedForm> {
  const { store, remoteLayers } = services;
  await remoteLayers.ensure(layer, call);
  const { compression, level } = target;
  const [blob] = await blobsOf([layer], { compression, level, force: false }, { store, call });
  await putBlob(services, { blob: blob!, storage }, call);
  const form = store.formsOf(layer.diffId).find((each) => each.blob.digest === blob!.digest);
  return { blob: blob!, recipe: form?.recipe ?? 'foreign' };
}

interface BlobPut {
  readonly blob: Descriptor;
  readonly storage: SharedStorage;
}

async function putBlob(
  { store }: Pick<CacheContentServices, 'store'>,
  { blob, storage }: BlobPut,
  call: Call,
): Promise<void> {
  if (await storage.has(blob, call)) return;
  await storage.put({ blob, open: async () => createReadStream(store.blobPath(blob.digest)) }, call);
}

function distinctLayers(layers: readonly Layer[]): readonly Layer[] {
  return [...new Map(layers.map((layer) => [layer.diffId, layer])).values()];
}

function distinctBlobs(blobs: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

function listingsOf(
  { cache }: Pick<CacheContentServices, 'cache'>,
  entries: readonly JournalEntry[],
): ReadonlyMap<Digest, string> {
  const digests = new Set(
    entries.flatMap(({ record }) => record.parts.flatMap(({ value }) => (isDigest(value) ? value : []))),
  );
  return new Map(
    [...digests].flatMap((digest) => {
      const text = cache.readListing(digest)?.toString('utf8');
      return text === undefined ? [] : [[digest, text] as const];
    }),
  );
}
