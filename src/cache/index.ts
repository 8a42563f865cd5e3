/**
 * PORT. Results of steps by key. A key is the digest of its named parts. The record keeps the parts, so that a miss
 * can be explained and missing inputs are noticed. Backend: local.ts (one JSON file per record).
 */
import type { Digest } from '../oci/index.ts';
import type { CacheKey } from './key.ts';
import type { CacheRecord } from './record.ts';

export { explainMiss, type MissDetails } from './explain.ts';
export { type CacheKey, type KeyPart, type KeyScope, keyOf } from './key.ts';
export type { CacheRecord } from './record.ts';
export {
  decodeDocument,
  EMPTY_DOCUMENT,
  encodeDocument,
  type SharedDocument,
  type SharedForm,
  type SharedMount,
  type SharedRecord,
} from './shared/document.ts';
export type { BlobContent, Publication, SharedSource, SharedStorage } from './shared/index.ts';
export { createInlineRecords, INLINE_MEMBER } from './shared/inline.ts';
export { type FoundMount, type PatientSource, type SharedHit, SharedSources } from './shared/sources.ts';

/** Results of steps, by key. */
export interface CacheRecords {
  /**
   * An incomplete, malformed or foreign record is a miss, never an error. Updates the time of use, with a resolution
   * of one hour.
   */
  lookup(key: CacheKey): CacheRecord | undefined;
  /** Atomic. If two builds save under one key, the last one counts. */
  save(key: CacheKey, record: CacheRecord): void;
  records(): Iterable<{
    readonly key: CacheKey;
    readonly record: CacheRecord;
    /** Milliseconds since 1970. */
    readonly usedAt: number;
    readonly bytes: number;
  }>;
  /** Not an error if the record does not exist. */
  remove(key: CacheKey): void;
}

/** The last result at a step's place in a build file (a slot), to explain a miss. */
export interface StepSlots {
  lastKey(slot: string): CacheKey | undefined;
  setLastKey(slot: string, key: CacheKey): void;
  /** Returns true if the last run of the step at this slot failed; then it has no last key. */
  hasFailed(slot: string): boolean;
  setFailed(slot: string): void;
}

/** The listings of `files` parts (text, one line per file), stored separately because they can be long. */
export interface KeptListings {
  /** The text of a listing as UTF-8. */
  readListing(digest: Digest): Buffer | undefined;
  saveListing(digest: Digest, text: string | Uint8Array): void;
}

/**
 * Everything in the cache can be made again: unreadable data is a miss, and a failed write is a `store` error only if
 * the result of a step would be lost. It needs no closing.
 */
export interface Cache extends CacheRecords, StepSlots, KeptListings {
  /** Removes listings and slots without a record, while no build runs. Returns the freed bytes. */
  sweep(): number;
}
