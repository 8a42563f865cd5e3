/**
 * PORT. Results of steps by key. A key is the digest of its named parts; the record keeps the parts, so that a miss can be
 * explained and nothing that changes a result is left out unnoticed. Backend: local.ts (one JSON file per record).
 */
import type { Digest } from '../oci/index.ts';
import type { CacheKey } from './key.ts';
import type { CacheRecord } from './record.ts';

export { explainMiss, type MissDetails } from './explain.ts';
export { type CacheKey, type KeyPart, type KeyScope, keyOf } from './key.ts';
export type { CacheRecord } from './record.ts';

/** What steps gave, by key. */
export interface CacheRecords {
  /** A torn, malformed or foreign record is a miss, never an error. Counts as use, told to the hour. */
  lookup(key: CacheKey): CacheRecord | undefined;
  /** Atomic; of two that save under one key, the last one counts. */
  save(key: CacheKey, record: CacheRecord): void;
  records(): Iterable<{
    readonly key: CacheKey;
    readonly record: CacheRecord;
    /** Milliseconds since 1970. */
    readonly usedAt: number;
    readonly bytes: number;
  }>;
  /** No error if it is not there. */
  remove(key: CacheKey): void;
}

/** What became of a step's place in a build file (a slot) last time, to explain a miss by. */
export interface StepSlots {
  lastKey(slot: string): CacheKey | undefined;
  setLastKey(slot: string, key: CacheKey): void;
  /** True if the step failed when it ran here last; it has no last key then. */
  hasFailed(slot: string): boolean;
  setFailed(slot: string): void;
}

/** The listings behind `files` parts (text, a line a file), kept aside because they can be long. */
export interface KeptListings {
  readListing(digest: Digest): string | undefined;
  saveListing(digest: Digest, text: string | Uint8Array): void;
}

/**
 * Nothing in it is precious: whatever cannot be read counts as never saved, and a write that fails is a `store` error only where the
 * result of a step would be lost with it. Nobody closes it.
 */
export interface Cache extends CacheRecords, StepSlots, KeptListings {
  /** Drops listings and slots that belong to no record any more, while no build runs. Returns the bytes freed. */
  sweep(): number;
}
