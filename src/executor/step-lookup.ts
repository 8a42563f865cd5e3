/** Finds the result of a step: in the local cache, then in the caches of other machines. */
import type { CacheKey, CacheRecord } from '../cache/index.ts';
import type { StepRun } from './stage-run.ts';

/** Returns the record and where it was found. A record is a hit only if its layer can be read. */
export interface Found {
  readonly record: CacheRecord;
  readonly from: string;
}

/** Looks up one key. A result of another machine is saved in the local cache, but its layer stays there until it is read. */
export async function findRecord(run: StepRun, key: CacheKey): Promise<Found | undefined> {
  const record = await findLocalRecord(run, key);
  if (record !== undefined) return { record, from: 'local' };
  const { sharedCache, cache } = run.services;
  const hit = await sharedCache?.lookup([key], run.call);
  if (hit === undefined) return undefined;
  cache.save(key, hit.record);
  return hit;
}

/** A record whose layer is neither in the store nor can be fetched is ignored. */
export async function findLocalRecord(run: StepRun, key: CacheKey): Promise<CacheRecord | undefined> {
  const record = run.services.cache.lookup(key);
  if (!record) return undefined;
  if (record.layer === null || (await run.services.hasLayer(record.layer))) return record;
  run.call.log?.debug('cache', 'record without its layer', { key, layer: record.layer.diffId });
  return undefined;
}
