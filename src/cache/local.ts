/**
 * One small file per record, so that a hit opens only one file.
 *
 *     <directory>/<2 hex>/<64 hex>.json   a record; its mtime is when it was last used
 *     <directory>/listings/<64 hex>       a listing, by its digest
 *     <directory>/slots/<64 hex>          the last key of a slot, or that its step failed; named by the digest of the slot
 *
 * Files are written to a temporary name and renamed; two builds that save the same key write the same bytes.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MkimageError } from '../errors.ts';
import { markUsed, renameOver } from '../host/index.ts';
import { type Digest, digestOf, encodedOf, isDigest } from '../oci/index.ts';
import type { Cache, CacheKey, CacheRecord } from './index.ts';
import { decodeRecord, encodeRecord } from './record.ts';

/** Stored instead of a key. */
const FAILED = 'failed\n';

export interface LocalCacheOptions {
  /** `<MKIMAGE_ROOT>/cache-v1`; created at the first save. */
  readonly directory: string;
  /** The current time in milliseconds since 1970, for when a record was last used. */
  readonly now: () => number;
}

export function openLocalCache({ directory, now }: LocalCacheOptions): Cache {
  const recordFile = (key: CacheKey) => join(directory, encodedOf(key).slice(0, 2), `${encodedOf(key)}.json`);
  const lookup = (key: CacheKey): CacheRecord | undefined => {
    const text = read(recordFile(key));
    return text === undefined ? undefined : decodeRecord(key, text);
  };
  const cache: Cache = {
    lookup: (key) => {
      const record = lookup(key);
      if (record !== undefined) markUsed(recordFile(key), now());
      return record;
    },
    save: (key, record) => write(recordFile(key), encodeRecord(key, record)),
    ...createSlots(directory),
    ...createListings(directory),
    records: function* () {
      for (const key of keysIn(directory)) {
        const record = lookup(key);
        const stats = statSync(recordFile(key), { throwIfNoEntry: false });
        if (record !== undefined && stats !== undefined)
          yield { key, record, usedAt: stats.mtimeMs, bytes: stats.size };
      }
    },
    remove: (key) => rmSync(recordFile(key), { force: true }),
    sweep: () => sweep(directory, cache),
  };
  return cache;
}

/** The last key of each slot, or that its step failed. */
function createSlots(directory: string): Pick<Cache, 'lastKey' | 'setLastKey' | 'hasFailed' | 'setFailed'> {
  const slotFile = (slot: string) => join(directory, 'slots', encodedOf(digestOf(slot)));
  const lastKey = (slot: string): CacheKey | undefined => {
    const key = read(slotFile(slot))?.trimEnd();
    return isDigest(key) ? key : undefined;
  };
  return {
    lastKey,
    setLastKey: (slot, key) => {
      if (lastKey(slot) !== key) write(slotFile(slot), `${key}\n`);
    },
    hasFailed: (slot) => read(slotFile(slot)) === FAILED,
    setFailed: (slot) => write(slotFile(slot), FAILED),
  };
}

/** Listings by their digest. A listing with another content counts as missing. */
function createListings(directory: string): Pick<Cache, 'readListing' | 'saveListing'> {
  const listingFile = (digest: Digest) => join(directory, 'listings', encodedOf(digest));
  return {
    readListing: (digest) => {
      const text = readBytes(listingFile(digest));
      return text !== undefined && digestOf(text) === digest ? text : undefined;
    },
    saveListing: (digest, text) => {
      if (!exists(listingFile(digest))) write(listingFile(digest), text);
    },
  };
}

/** The keys that have a file, whatever its content. */
function* keysIn(directory: string): Generator<CacheKey> {
  for (const folder of namesIn(directory).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const name of namesIn(join(directory, folder))) {
      const key = `sha256:${name.replace(/\.json$/, '')}`;
      if (isDigest(key) && name.endsWith('.json')) yield key;
    }
  }
}

/** Removes listings, slots and files that belong to no record (incomplete, or left by a killed build). */
function sweep(directory: string, cache: Cache): number {
  const needed = new Set<string>();
  for (const { key, record } of cache.records()) {
    needed.add(join(encodedOf(key).slice(0, 2), `${encodedOf(key)}.json`));
    for (const { value } of record.parts) if (isDigest(value)) needed.add(join('listings', encodedOf(value)));
  }
  let freed = 0;
  for (const folder of namesIn(directory)) {
    for (const name of namesIn(join(directory, folder))) {
      const file = join(directory, folder, name);
      const known = folder === 'slots' ? isSlotOfRecord(file, cache) : needed.has(join(folder, name));
      if (known) continue;
      freed += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      rmSync(file, { force: true });
    }
  }
  return freed;
}

function isSlotOfRecord(file: string, cache: Cache): boolean {
  const key = read(file)?.trimEnd();
  return isDigest(key) && cache.lookup(key) !== undefined;
}

function read(file: string): string | undefined {
  return readBytes(file)?.toString('utf8');
}

function readBytes(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function write(file: string, text: string | Uint8Array): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    renameOver(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new MkimageError('store', `write cache file \`${file}\`: ${(cause as Error).message}`, { cause });
  }
}
