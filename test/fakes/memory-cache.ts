import type { Cache, CacheKey, CacheRecord } from '../../src/cache/index.ts';
import { type Digest, isDigest } from '../../src/oci/index.ts';

/** A cache that forgets everything with the process. Kept honest by the contract suite. */
export function memoryCache(now: () => number = () => 0): Cache {
  const records = new Map<CacheKey, { record: CacheRecord; usedAt: number }>();
  const listings = new Map<Digest, Buffer>();
  const slots = new Map<string, CacheKey>();
  const failed = new Set<string>();
  return {
    lookup: (key) => {
      const found = records.get(key);
      if (found !== undefined && now() - found.usedAt > 3_600_000) found.usedAt = now();
      return found?.record;
    },
    save: (key, record) => void records.set(key, { record: structuredClone(record), usedAt: now() }),
    lastKey: (slot) => slots.get(slot),
    setLastKey: (slot, key) => {
      failed.delete(slot);
      slots.set(slot, key);
    },
    hasFailed: (slot) => failed.has(slot),
    setFailed: (slot) => {
      slots.delete(slot);
      failed.add(slot);
    },
    readListing: (digest) => listings.get(digest),
    saveListing: (digest, text) => void listings.set(digest, Buffer.from(text)),
    records: function* () {
      for (const [key, { record, usedAt }] of records) {
        yield { key, record, usedAt, bytes: JSON.stringify(record).length };
      }
    },
    remove: (key) => void records.delete(key),
    sweep: () => {
      const needed = new Set([...records.values()].flatMap(({ record }) => record.parts.map((part) => part.value)));
      for (const digest of listings.keys()) if (!isDigest(digest) || !needed.has(digest)) listings.delete(digest);
      for (const [slot, key] of slots) if (!records.has(key)) slots.delete(slot);
      return 0;
    },
  };
}
