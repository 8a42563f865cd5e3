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

export interface Cache {
  /** A torn, malformed or foreign record is a miss, never an error. */
  lookup(key: CacheKey): CacheRecord | undefined;
  save(key: CacheKey, record: CacheRecord): void;
  /** The key that this slot (a step's place in a build file) had last, to explain a miss by. */
  lastKey(slot: string): CacheKey | undefined;
  setLastKey(slot: string, key: CacheKey): void;
  /** True if the step failed when it ran here last; it has no last key then. */
  hasFailed(slot: string): boolean;
  setFailed(slot: string): void;
  /** The listing behind a `files` part (text, a line a file), kept aside because it can be long. */
  readListing(digest: Digest): string | undefined;
  saveListing(digest: Digest, text: string | Uint8Array): void;
  records(): Iterable<{
    readonly key: CacheKey;
    readonly record: CacheRecord;
    readonly usedAt: number;
    readonly bytes: number;
  }>;
  remove(key: CacheKey): void;
  /** Drops listings and slots that belong to no record any more, while no build runs. Returns the bytes freed. */
  sweep(): number;
}
