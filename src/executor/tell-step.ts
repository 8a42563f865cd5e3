/** What the debug log says of a step. Of the parts of its key it says the names only: their values may be anybody's. */
import type { CacheKey, CacheRecord, KeyPart } from '../cache/index.ts';
import type { Call } from '../progress.ts';
import type { StepPlace } from './stage-run.ts';

interface Keyed {
  readonly key: CacheKey;
  readonly parts: readonly KeyPart[];
}

export function tellHit({ log }: Call, { title }: StepPlace, { key, parts }: Keyed, record: CacheRecord): void {
  log?.debug('cache', 'hit', {
    step: title,
    key,
    from: 'local',
    layer: record.layer?.diffId ?? 'none',
    made: record.createdAt,
    parts: parts.map(({ name }) => name).join(', '),
  });
}

/** `because`: one line, without values. */
export function tellMiss({ log }: Call, { title }: StepPlace, { key, parts }: Keyed, because: string): void {
  log?.debug('cache', 'miss', { step: title, key, because, parts: parts.map(({ name }) => name).join(', ') });
}

/** How work ended that began at `begun` (`performance.now()`): with a layer, or with a failure. */
export function tellEnd({ log }: Call, { title }: StepPlace, begun: number, end: CacheRecord | string): void {
  const ms = Math.round(performance.now() - begun);
  if (typeof end === 'string') log?.debug('step', 'failed', { step: title, why: end, ms });
  else log?.debug('step', 'done', { step: title, layer: end.layer?.diffId ?? 'none', ms });
}
