/**
 * The document of a shared cache: records with their keys, and where the bytes of their layers are. Entries that cannot be read are
 * left out: they are misses.
 */
import { type Descriptor, type Digest, digestOf, isDigest, MAX_JSON_BYTES, parseStrictJson } from '../../oci/index.ts';
import type { CacheKey } from '../key.ts';
import { type CacheRecord, isDescriptor, isObject, readRecord } from '../record.ts';

/** A record under all keys by which the step is looked up. */
export interface SharedRecord {
  readonly keys: readonly CacheKey[];
  readonly record: CacheRecord;
  /** The step's place in its build file, to explain a miss. */
  readonly place?: string;
}

/** The blob of a layer in the storage, and the recipe that compressed it. */
export interface SharedForm {
  readonly blob: Descriptor;
  readonly recipe: string;
}

/** The files of a cache mount, as layers; the lowest is first. */
export interface SharedMount {
  /** The name of its folder in the store. */
  readonly key: string;
  readonly id: string;
  readonly layers: readonly Digest[];
  /** A blob that lists the files with their digests. */
  readonly files: Descriptor;
}

export interface SharedDocument {
  readonly records: readonly SharedRecord[];
  /** By diffId. */
  readonly forms: ReadonlyMap<Digest, SharedForm & { readonly size: number }>;
  /** Listings of `files` parts, to explain a miss. */
  readonly listings: ReadonlyMap<Digest, string>;
  readonly mounts: readonly SharedMount[];
}

export const EMPTY_DOCUMENT: SharedDocument = { records: [], forms: new Map(), listings: new Map(), mounts: [] };

const VERSION = 1;
/** Listings only explain misses, so they may take a part of the document only. */
const MOST_LISTINGS = 1 << 20;

/** Leaves out listings, and then the last records, if the document would be larger than a reader accepts. */
export function encodeDocument(document: SharedDocument): Buffer {
  const { records, listings } = document;
  const whole = encode({ ...document, listings: new Map(takeListings(listings)) });
  if (whole.length <= MAX_JSON_BYTES) return whole;
  const bare = encode({ ...document, listings: new Map() });
  if (bare.length <= MAX_JSON_BYTES || records.length === 0) return bare;
  return encodeDocument({ ...document, records: records.slice(0, Math.floor(records.length / 2)) });
}

function takeListings(listings: SharedDocument['listings']): readonly (readonly [Digest, string])[] {
  let left = MOST_LISTINGS;
  return [...listings].filter(([, text]) => {
    left -= text.length;
    return left >= 0;
  });
}

function encode({ records, forms, listings, mounts }: SharedDocument): Buffer {
  const members = { forms: Object.fromEntries(forms), listings: Object.fromEntries(listings) };
  return Buffer.from(JSON.stringify({ version: VERSION, records, ...members, mounts }));
}

/** Throws `invalid-archive` for text that is no document, `limit` for more than 4 MiB. */
export function decodeDocument(bytes: Uint8Array): SharedDocument {
  const value = parseStrictJson(bytes, 'cache');
  if (!isObject(value) || value.version !== VERSION) return EMPTY_DOCUMENT;
  const forms = new Map(entriesOf(value.forms).flatMap(([diffId, form]) => formOf(diffId, form)));
  return {
    records: listOf(value.records).flatMap((each) => recordOf(each, forms)),
    forms,
    listings: new Map(entriesOf(value.listings).flatMap(([digest, text]) => listingOf(digest, text))),
    mounts: listOf(value.mounts).flatMap((each) => mountOf(each, forms)),
  };
}

type Forms = SharedDocument['forms'];

/** A record whose layer is not in the storage is worth nothing. */
function recordOf(value: unknown, forms: Forms): readonly SharedRecord[] {
  if (!isObject(value)) return [];
  const record = readRecord(value.record);
  const keys = listOf(value.keys).filter(isDigest);
  if (record === undefined || keys.length === 0) return [];
  const { layer } = record;
  if (layer !== null && forms.get(layer.diffId)?.size !== layer.blob.size) return [];
  if (layer !== null && layer.blob.digest !== layer.diffId) return [];
  return [{ keys, record, ...(typeof value.place === 'string' ? { place: value.place } : {}) }];
}

function formOf(
  diffId: string,
  value: unknown,
): readonly (readonly [Digest, SharedForm & { readonly size: number }])[] {
  if (!isDigest(diffId) || !isObject(value) || !isDescriptor(value.blob)) return [];
  const { blob, recipe, size } = value;
  if (typeof recipe !== 'string' || !Number.isSafeInteger(size)) return [];
  return [
    [diffId, { blob: { mediaType: blob.mediaType, digest: blob.digest, size: blob.size }, recipe, size: Number(size) }],
  ];
}

function listingOf(digest: string, text: unknown): readonly (readonly [Digest, string])[] {
  return isDigest(digest) && typeof text === 'string' && digestOf(text) === digest ? [[digest, text]] : [];
}

function mountOf(value: unknown, forms: Forms): readonly SharedMount[] {
  if (!isObject(value) || !isDescriptor(value.files)) return [];
  const { key, id, files } = value;
  const layers = listOf(value.layers).filter(isDigest);
  if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key) || typeof id !== 'string') return [];
  return layers.every((layer) => forms.has(layer)) ? [{ key, id, layers, files }] : [];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}
