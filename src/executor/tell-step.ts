/** What the debug log says of a step. Of the parts of its key it says the names only: their values may be anybody's. */
import type { CacheKey, CacheRecord, KeyPart } from '../cache/index.ts';
import type { Call } from '../progress.ts';
import type { StepPlace } from './stage-run.ts';

interface Keyed {
  readonly key: CacheKey;
  readonly parts: readonly KeyPart[];
}

interface HitFacts {
  readonly keyed: Keyed;
  readonly record: CacheRecord;
  /** `local`, or the title of a shared cache. */
  readonly from: string;
}

export function tellHit({ log }: Call, { title }: StepPlace, { keyed: { key, parts }, record, from }: HitFacts): void {
  log?.debug('cache', 'hit', {
    step: title,
    key,
    from,
    layer: record.layer?.diffId ?? 'none',
    made: record.createdAt,
    parts: parts.map(({ name }) => name).join(', '),
  });
}

interface MissFacts {
  readonly keyed: Keyed;
  readonly because: string;
}

/** `because`: one line, without values. */
export function tellMiss({ log }: Call, { title }: StepPlace, { keyed: { key, parts }, because }: MissFacts): void {
  log?.debug('cache', 'miss', { step: title, key, because, parts: parts.map(({ name }) => name).join(', ') });
}

interface EndFacts {
  readonly begun: number;
  readonly end: CacheRecord | string;
}

/** How work ended that began at `begun` (`performance.now()`): with a layer, or with a failure. */
export function tellEnd({ log }: Call, { title }: StepPlace, { begun, end }: EndFacts): void {
  const ms = Math.round(performance.now() - begun);
  if (typeof end === 'string') log?.debug('step', 'failed', { step: title, why: end, ms });
  else log?.debug('step', 'done', { step: title, layer: end.layer?.diffId ?? 'none', ms });
}
