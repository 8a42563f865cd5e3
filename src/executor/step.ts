/** One step: makes its key, looks into the cache, and does the work if nothing is found. */
import { type CacheKey, type CacheRecord, type KeyPart, keyOf } from '../cache/index.ts';
import { isMkimageError, MkimageError } from '../errors.ts';
import { EMPTY_CHAIN, type Layer } from '../oci/index.ts';
import type { Stage } from '../plan/index.ts';
import { causeForOthers, findMissReason, missReason } from './miss-reason.ts';
import type { StepPlace, StepResult, StepRun, Work, WorkStep } from './stage-run.ts';
import { findLocalRecord, findRecord } from './step-lookup.ts';
import { tellEnd, tellHit, tellMiss } from './tell-step.ts';

interface KeyedWork {
  readonly step: WorkStep;
  readonly work: Work;
}

/** Returns the step's result, from the cache or by doing the work. */
export async function resolveStep(run: StepRun, place: StepPlace, { step, work }: KeyedWork): Promise<StepResult> {
  try {
    return await lookupOrPerform(run, place, { step, work });
  } finally {
    await work.end();
  }
}

async function lookupOrPerform(run: StepRun, place: StepPlace, { step, work }: KeyedWork): Promise<StepResult> {
  const fresh = run.services.skipsCache(run.stage);
  const cheap = await work.shortcut();
  const shortcut = cheap && keyFor(run, place, { step, work, content: cheap });
  const quick = fresh || !shortcut ? undefined : await findRecord(run, shortcut.key);
  if (quick) {
    const key = keyOfParts(run, place, { step, work, parts: quick.record.parts });
    tellHit(run.call, place, { keyed: shortcut!, ...quick });
    note(run, place, { record: quick.record, keys: [shortcut!.key, key] });
    return hit(run, place, { record: quick.record, cause: undefined });
  }
  const full = keyFor(run, place, { step, work, content: await work.content() });
  const keys = shortcut ? [shortcut.key, full.key] : [full.key];
  const found = fresh ? undefined : await findRecord(run, full.key);
  if (found) {
    tellHit(run.call, place, { keyed: full, ...found });
    if (shortcut) run.services.cache.save(shortcut.key, found.record);
    note(run, place, { record: found.record, keys });
    return hit(run, place, { record: found.record, cause: causeOfHit(run, place, { step, work, full }) });
  }
  run.services.beforeWork?.();
  const cause = fresh
    ? 'the cache is not used (--no-cache)'
    : await findMissReason(run.services, place, { work, parts: full.parts, call: run.call });
  tellMiss(run.call, place, { keyed: full, because: cause });
  refuseMiss(run, place, { step, cause });
  await run.services.fetchChain?.(place.chain, step.kind, run.call);
  const { value, first } = await run.inFlight.once(full.key, () => perform(run, place, { work, keyed: full, cause }));
  if (shortcut) run.services.cache.save(shortcut.key, value);
  note(run, place, { record: value, keys });
  if (!first) return hit(run, place, { record: value, cause: undefined });
  run.services.cache.setLastKey(place.slot, full.key);
  return { record: value, cause: causeForOthers(step, place, cause) };
}

interface Noted {
  readonly record: CacheRecord;
  readonly keys: readonly CacheKey[];
}

function note({ services, stage }: StepRun, { place }: StepPlace, { record, keys }: Noted): void {
  services.journal?.({ stage: stage.id, place, keys: [...new Set(keys)], record });
}

interface RefusedMiss {
  readonly step: WorkStep;
  readonly cause: string;
}

/** `--expect-cached`. */
function refuseMiss({ services, stage }: StepRun, { title }: StepPlace, { step, cause }: RefusedMiss): void {
  if (services.expectsHit?.(stage, step) !== true) return;
  throw new MkimageError('not-cached', `expect \`${title}\` in the cache: ${cause}`, {
    hint: 'build without `--expect-cached` to run it',
    place: { range: step.range, step: step.name },
  });
}

interface Keyed {
  readonly key: CacheKey;
  readonly parts: readonly KeyPart[];
}

interface KeyInputs {
  readonly step: WorkStep;
  readonly work: Pick<Work, 'parts' | 'onParent'>;
  readonly content: readonly KeyPart[];
}

function keyFor(run: StepRun, place: StepPlace, { step, work, content }: KeyInputs): Keyed {
  const epoch = run.epoch === undefined ? [] : [{ name: 'SOURCE_DATE_EPOCH', value: String(run.epoch) }];
  const parts = [...epoch, ...work.parts, ...content];
  return { key: keyOfParts(run, place, { step, work, parts }), parts };
}

interface WholeParts {
  readonly step: WorkStep;
  readonly work: Pick<Work, 'onParent'>;
  readonly parts: readonly KeyPart[];
}

function keyOfParts(run: StepRun, place: StepPlace, { step, work, parts }: WholeParts): CacheKey {
  const parent = work.onParent ? place.chain.id : EMPTY_CHAIN;
  return keyOf({ parent, step: step.kind, platform: run.stage.platform }, parts);
}

function hit(run: StepRun, place: StepPlace, { record, cause }: StepResult): StepResult {
  run.call.report({ type: 'step-cached', step: place.id, name: place.title, ...stageName(run.stage) });
  return { record, cause };
}

interface CachedWork {
  readonly step: WorkStep;
  readonly work: Work;
  readonly full: Keyed;
}

/** A cached result can still differ from the last build. The steps after it report the reason. */
function causeOfHit(run: StepRun, place: StepPlace, { step, work, full }: CachedWork): string | undefined {
  const { cache } = run.services;
  const last = cache.lastKey(place.slot);
  if (last === full.key) return undefined;
  const reason = last === undefined ? undefined : missReason(run.services.cache, place, { work, parts: full.parts });
  cache.setLastKey(place.slot, full.key);
  return reason === undefined ? undefined : causeForOthers(step, place, reason);
}

interface MissedWork {
  readonly work: Work;
  readonly keyed: Keyed;
  readonly cause: string;
}

async function perform(run: StepRun, place: StepPlace, { work, keyed, cause }: MissedWork): Promise<CacheRecord> {
  const { services, call } = run;
  const begun = performance.now();
  call.report({ type: 'step-started', step: place.id, name: place.title, ...stageName(run.stage) });
  call.report({ type: 'step-missed', step: place.id, reason: cause });
  try {
    let kept: CacheRecord | undefined;
    const layer = await work.run(async (made) => {
      kept = await sameRecord(run, keyed.key, made);
      return kept === undefined ? made : kept.layer;
    });
    const ms = Math.round(performance.now() - begun);
    const record: CacheRecord = kept ?? { parts: keyed.parts, layer, createdAt: services.now(), ms };
    if (kept === undefined) services.cache.save(keyed.key, record);
    tellEnd(call, place, { begun, end: record });
    call.report({ type: 'step-finished', step: place.id, ...(layer ? { digest: layer.diffId } : {}) });
    return record;
  } catch (error) {
    tellEnd(call, place, { begun, end: failureText(error) });
    call.report({ type: 'step-failed', step: place.id, error: failureText(error) });
    if (!call.signal.aborted) services.cache.setFailed(place.slot);
    throw error;
  }
}

function failureText(error: unknown): string {
  if (isMkimageError(error, 'cancelled')) return 'CANCELED';
  return error instanceof Error ? error.message : String(error);
}

/**
 * Returns the record that exists already for this key, if the step was run anyway (`--no-cache`, or two builds at
 * once) and made an equal layer. A record with newer times would invalidate everything that was built on this one,
 * also in other projects.
 */
async function sameRecord(run: StepRun, key: CacheKey, made: Layer | null): Promise<CacheRecord | undefined> {
  const present = await findLocalRecord(run, key);
  if (present === undefined || (present.layer === null) !== (made === null)) return undefined;
  const isSame =
    present.layer === null || made === null || (await run.services.trees.sameButTimes(present.layer, made, run.call));
  return isSame ? present : undefined;
}

function stageName(stage: Stage): { readonly stage?: string } {
  return stage.name === undefined ? {} : { stage: stage.name };
}
