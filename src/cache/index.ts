/**
 * PORT. Results of steps by key. A key is the digest of its named parts; the record keeps the parts, so that a miss can be
 * explained and nothing that changes a result is left out unnoticed. Backend: local.ts (one JSON file per record).
 */
import type { Digest, Layer } from '../oci/index.ts';

export { explainMiss, type MissDetails } from './explain.ts';
export { type KeyScope, keyOf } from './key.ts';

/**
 * One named input of a step. `explain.ts` turns names into sentences, and knows these:
 *
 *     env NODE_ENV                       one of many of a kind
 *     files · files 2 · files COPY a b   digest of a listing (src/context, `listing`) that `saveListing` keeps
 *     mount /target files                the same for what a bind mount shows
 *     instruction · sources              COPY or ADD, and its sources as JSON, by which plain `files` are called
 *
 * Any other stands for itself: `command`, `user`, `destination`, `mount /target`.
 */
export interface KeyPart {
  readonly name: string;
  readonly value: string;
}

export type CacheKey = Digest;

export interface CacheRecord {
  readonly parts: readonly KeyPart[];
  /** null: the step changed nothing. */
  readonly layer: Layer | null;
  /** RFC 3339; becomes `created` of the history entry, so that a cached rebuild is the same image. */
  readonly createdAt: string;
}

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
  saveListing(digest: Digest, text: string): void;
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
