/** Explains why a step runs, for the user and for the steps after it. */
import { type Cache, type CacheRecord, explainMiss, type KeyPart } from '../cache/index.ts';
import { type Digest, isDigest } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { SharedCache } from './services.ts';
import type { StepPlace, Work, WorkStep } from './stage-run.ts';

interface MissedStep {
  readonly work: Pick<Work, 'details'>;
  readonly parts: readonly KeyPart[];
}

/** Where the last record of a place and its listings are searched. */
export interface MissSources {
  readonly cache: Cache;
  readonly sharedCache?: SharedCache | undefined;
}

/** As `missReason`; if this machine has not built the step yet, compares it with the last build of another machine. */
export async function findMissReason(
  { cache, sharedCache }: MissSources,
  place: StepPlace,
  { work, parts, call }: MissedStep & { readonly call: Call },
): Promise<string> {
  const isKnown = cache.hasFailed(place.slot) || cache.lastKey(place.slot) !== undefined;
  const previous = isKnown ? undefined : await sharedCache?.previous(place.place, call);
  if (sharedCache === undefined || previous === undefined) return missReason(cache, place, { work, parts });
  if (place.cause !== undefined && sameParts(previous.parts, parts)) return place.cause;
  const listings = await readListings(previous, sharedCache, call);
  const readListing = (digest: Digest) => listings.get(digest) ?? cache.readListing(digest);
  return explainMiss(previous, parts, { ...work.details, readListing, below: place.below });
}

async function readListings(
  { parts }: CacheRecord,
  shared: SharedCache,
  call: Call,
): Promise<ReadonlyMap<Digest, Buffer>> {
  const digests = parts.flatMap(({ value }) => (isDigest(value) ? [value] : []));
  const texts = await Promise.all(
    digests.map(async (digest) => [digest, await shared.readListing(digest, call)] as const),
  );
  return new Map(texts.flatMap(([digest, text]) => (text === undefined ? [] : [[digest, Buffer.from(text)] as const])));
}

/** If a step's own inputs did not change, the reason is what changed below it. */
export function missReason(cache: Cache, place: StepPlace, { work, parts }: MissedStep): string {
  if (cache.hasFailed(place.slot)) return FAILED_BEFORE;
  const lastKey = cache.lastKey(place.slot);
  const previous = lastKey === undefined ? undefined : cache.lookup(lastKey);
  if (previous && place.cause !== undefined && sameParts(previous.parts, parts)) return place.cause;
  const readListing = (digest: Digest) => cache.readListing(digest);
  return explainMiss(previous, parts, { ...work.details, readListing, below: place.below });
}

const FAILED_BEFORE = 'it failed last time';

/** `COPY src changed (…)` contains the name of its step. Other reasons get the name of the step in front. */
export function causeForOthers(step: Pick<WorkStep, 'name'>, place: Pick<StepPlace, 'cause'>, cause: string): string {
  if (cause === place.cause || /^(?:COPY|ADD) /.test(cause)) return cause;
  const [line = ''] = step.name.split('\n');
  return `${line.length > MOST_NAME ? `${line.slice(0, MOST_NAME)}…` : line}: ${cause}`;
}

const MOST_NAME = 60;

function sameParts(a: readonly KeyPart[], b: readonly KeyPart[]): boolean {
  return a.length === b.length && a.every(({ name, value }, at) => b[at]?.name === name && b[at]?.value === value);
}
