/** One step: its key, a look into the cache, and the work if nothing is found. */
import { type CacheKey, type CacheRecord, explainMiss, type KeyPart, keyOf, type MissDetails } from '../cache/index.ts';
import { isMkimageError } from '../errors.ts';
import { type Digest, EMPTY_CHAIN, type Layer } from '../oci/index.ts';
import type { Stage, Step } from '../plan/index.ts';
import type { Call, StepId } from '../progress.ts';
import type { Chain } from './chain.ts';
import type { InFlight } from './in-flight.ts';
import type { Sweep } from './run/sweep.ts';
import type { ExecutorServices } from './services.ts';
import type { SourceTrees } from './source-trees.ts';

/** What every step of one stage has at hand. */
export interface StageRun {
  readonly services: ExecutorServices;
  readonly sources: SourceTrees;
  readonly stage: Stage;
  readonly isOnlyStage: boolean;
  readonly epoch: number | undefined;
  readonly inFlight: InFlight<CacheRecord>;
  readonly sweep: Sweep;
  readonly call: Call;
}

export interface StepPlace {
  readonly id: StepId;
  /** `[build 2/5] RUN make`. */
  readonly title: string;
  /** Names this place in this build file across builds. */
  readonly slot: string;
  readonly chain: Chain;
  /** Why what is below is not what it was last time, if it is not: the first cause. */
  readonly cause: string | undefined;
  /** What stands for the first cause where nobody knows it. */
  readonly below: string;
}

export type WorkStep = Exclude<Step, { readonly kind: 'config' }>;

/** The layer that the cache has for the step where it is the same but for its times; else the layer that was made. */
export type Settle = (made: Layer | null) => Promise<Layer | null>;

/** How one step is keyed and done. */
export interface Work {
  readonly parts: readonly KeyPart[];
  /** Parts that are found by looking at files. */
  readonly content: () => Promise<readonly KeyPart[]>;
  /** Stands for `content` where something cheap names the same files: the chain of a stage. */
  readonly shortcut: () => Promise<readonly KeyPart[] | undefined>;
  /** False: the result does not depend on the layers below (`COPY --link`). */
  readonly onParent: boolean;
  /** What is known of the parts besides their values. Complete once `content` has been asked. */
  readonly details?: Pick<MissDetails, 'argNames' | 'causes'>;
  /** What was made goes through `settle`, which says what layer it is to be. */
  readonly run: (settle: Settle) => Promise<Layer | null>;
  /** Gives back what was held for the work; called once, whatever happened. */
  readonly end: () => Promise<void>;
}

export interface StepResult {
  readonly record: CacheRecord;
  /** Why it is not what it was last time, in words for the steps after it; undefined if it is. */
  readonly cause: string | undefined;
}

/** The step's result, from the cache or by doing the work. */
export async function resolveStep(run: StageRun, place: StepPlace, step: WorkStep, work: Work): Promise<StepResult> {
  try {
    return await lookupOrPerform(run, place, step, work);
  } finally {
    await work.end();
  }
}

async function lookupOrPerform(run: StageRun, place: StepPlace, step: WorkStep, work: Work): Promise<StepResult> {
  const fresh = run.services.skipsCache(run.stage);
  const cheap = await work.shortcut();
  const shortcut = cheap && keyFor(run, place, step, work, cheap);
  const quick = fresh || !shortcut ? undefined : await lookup(run, shortcut.key);
  if (quick) return hit(run, place, quick, undefined);
  const full = keyFor(run, place, step, work, await work.content());
  const found = fresh ? undefined : await lookup(run, full.key);
  if (found) {
    if (shortcut) run.services.cache.save(shortcut.key, found);
    return hit(run, place, found, causeOfHit(run, place, step, work, full));
  }
  const cause = fresh ? 'the cache is not used (--no-cache)' : missReason(run, place, work, full.parts);
  const { value, first } = await run.inFlight.once(full.key, () => perform(run, place, work, full, cause));
  if (shortcut) run.services.cache.save(shortcut.key, value);
  if (!first) return hit(run, place, value, undefined);
  run.services.cache.setLastKey(place.slot, full.key);
  return { record: value, cause: causeForOthers(step, place, cause) };
}

interface Keyed {
  readonly key: CacheKey;
  readonly parts: readonly KeyPart[];
}

function keyFor(run: StageRun, place: StepPlace, step: WorkStep, work: Work, content: readonly KeyPart[]): Keyed {
  const parts: KeyPart[] = [
    ...(run.epoch === undefined ? [] : [{ name: 'SOURCE_DATE_EPOCH', value: String(run.epoch) }]),
    ...work.parts,
    ...content,
  ];
  const parent = work.onParent ? place.chain.id : EMPTY_CHAIN;
  return { key: keyOf({ parent, step: step.kind, platform: run.stage.platform }, parts), parts };
}

/** A record whose layer is no longer in the store is as good as none. */
async function lookup(run: StageRun, key: CacheKey): Promise<CacheRecord | undefined> {
  const record = run.services.cache.lookup(key);
  if (!record || (record.layer !== null && !(await run.services.hasLayer(record.layer)))) return undefined;
  return record;
}

function hit(run: StageRun, place: StepPlace, record: CacheRecord, cause: string | undefined): StepResult {
  run.call.report({ type: 'step-cached', step: place.id, name: place.title, ...stageName(run.stage) });
  return { record, cause };
}

/** A result that was there already may still be another than last time: what comes after it wants to know why. */
function causeOfHit(run: StageRun, place: StepPlace, step: WorkStep, work: Work, full: Keyed): string | undefined {
  const { cache } = run.services;
  const last = cache.lastKey(place.slot);
  if (last === full.key) return undefined;
  const reason = last === undefined ? undefined : missReason(run, place, work, full.parts);
  cache.setLastKey(place.slot, full.key);
  return reason === undefined ? undefined : causeForOthers(step, place, reason);
}

async function perform(run: StageRun, place: StepPlace, work: Work, keyed: Keyed, cause: string): Promise<CacheRecord> {
  const { services, call } = run;
  call.report({ type: 'step-started', step: place.id, name: place.title, ...stageName(run.stage) });
  call.report({ type: 'step-missed', step: place.id, reason: cause });
  try {
    let kept: CacheRecord | undefined;
    const layer = await work.run(async (made) => {
      kept = await sameRecord(run, keyed.key, made);
      return kept === undefined ? made : kept.layer;
    });
    const record: CacheRecord = kept ?? { parts: keyed.parts, layer, createdAt: services.now() };
    if (kept === undefined) services.cache.save(keyed.key, record);
    call.report({ type: 'step-finished', step: place.id, ...(layer ? { digest: layer.diffId } : {}) });
    return record;
  } catch (error) {
    const message = isMkimageError(error, 'cancelled')
      ? 'CANCELED'
      : error instanceof Error
        ? error.message
        : String(error);
    call.report({ type: 'step-failed', step: place.id, error: message });
    if (!call.signal.aborted) services.cache.setFailed(place.slot);
    throw error;
  }
}

/**
 * The record that a step has already, if it was asked to run all the same (`--no-cache`, or two builds at once) and made the
 * same again. A record of newer times would take the cache from everything that was built on this one, also in other projects.
 */
async function sameRecord(run: StageRun, key: CacheKey, made: Layer | null): Promise<CacheRecord | undefined> {
  const present = await lookup(run, key);
  if (present === undefined || (present.layer === null) !== (made === null)) return undefined;
  const isSame =
    present.layer === null || made === null || (await run.services.trees.sameButTimes(present.layer, made, run.call));
  return isSame ? present : undefined;
}

/** A step whose own inputs are the same as last time is explained by what changed below it. */
function missReason(run: StageRun, place: StepPlace, work: Work, parts: readonly KeyPart[]): string {
  const { cache } = run.services;
  if (cache.hasFailed(place.slot)) return FAILED_BEFORE;
  const lastKey = cache.lastKey(place.slot);
  const previous = lastKey === undefined ? undefined : cache.lookup(lastKey);
  if (previous && place.cause !== undefined && sameParts(previous.parts, parts)) return place.cause;
  const readListing = (digest: Digest) => cache.readListing(digest);
  return explainMiss(previous, parts, { ...work.details, readListing, below: place.below });
}

const FAILED_BEFORE = 'it failed last time';

/** `COPY src changed (…)` says of itself whose cause it is; others are told with the step they are of. */
function causeForOthers(step: WorkStep, place: StepPlace, cause: string): string {
  if (cause === place.cause || /^(?:COPY|ADD) /.test(cause)) return cause;
  const [line = ''] = step.name.split('\n');
  return `${line.length > MOST_NAME ? `${line.slice(0, MOST_NAME)}…` : line}: ${cause}`;
}

const MOST_NAME = 60;

function sameParts(a: readonly KeyPart[], b: readonly KeyPart[]): boolean {
  return a.length === b.length && a.every(({ name, value }, at) => b[at]?.name === name && b[at]?.value === value);
}

function stageName(stage: Stage): { readonly stage?: string } {
  return stage.name === undefined ? {} : { stage: stage.name };
}
