import { type Digest, isDigest } from '../oci/index.ts';
import type { KeyPart } from './key.ts';
import { diffListings } from './listing-diff.ts';
import type { CacheRecord } from './record.ts';

const MOST_REASONS = 2;

/** What is known in addition to the parts. */
export interface MissDetails {
  readonly readListing: (digest: Digest) => Buffer | undefined;
  /** Names of variables that are build arguments. */
  readonly argNames?: readonly string[];
  /** By name of part: why its value changed. */
  readonly causes?: ReadonlyMap<string, string>;
  /** What to report if no input of the step itself changed. */
  readonly below?: string;
}

type Values = ReadonlyMap<string, readonly string[]>;

/**
 * Explains in one line why a step runs: compares its inputs with those of the last build at the same place of the
 * build file. If they are equal, the layers below have changed.
 */
export function explainMiss(
  previous: CacheRecord | undefined,
  parts: readonly KeyPart[],
  details: MissDetails,
): string {
  if (previous === undefined) return 'first build of this step';
  const before = valuesByName(previous.parts);
  const now = valuesByName(parts);
  const names = [...new Set([...now.keys(), ...before.keys()])];
  const changed = names.filter((name) => !isEqual(before.get(name), now.get(name)));
  if (changed.length > 0) return inOneLine(changed.map((name) => reasonOf(name, details, { before, now })));
  return isReordered(previous.parts, parts)
    ? 'its inputs are in another order'
    : (details.below ?? 'the step before changed');
}

function isReordered(before: readonly KeyPart[], now: readonly KeyPart[]): boolean {
  return before.some(({ name }, index) => name !== now[index]?.name);
}

function inOneLine(reasons: readonly string[]): string {
  const more = reasons.length - MOST_REASONS;
  return reasons.slice(0, MOST_REASONS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The values of all parts with one name, in order. */
function valuesByName(parts: readonly KeyPart[]): Values {
  const values = new Map<string, string[]>();
  for (const { name, value } of parts) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

function isEqual(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a?.length === b?.length && (a ?? []).every((value, index) => value === b?.[index]);
}

interface ChangedValues {
  readonly before: Values;
  readonly now: Values;
}

function reasonOf(name: string, details: MissDetails, { before, now }: ChangedValues): string {
  const subject = subjectOf(name, now, details.argNames ?? []);
  const [old, current] = [before.get(name)?.[0], now.get(name)?.[0]];
  if (old === undefined) return `${subject} is new`;
  if (current === undefined) return `${subject} was removed`;
  const isListing = isDigest(old) && isDigest(current);
  const files = isListing ? filesChanged(old, current, { details, source: sourceOf(name, now) }) : undefined;
  const why = files ?? details.causes?.get(name);
  return `${subject} changed${why === undefined ? '' : ` (${why})`}`;
}

/** Describes the name of a part for the user. */
function subjectOf(name: string, parts: Values, argNames: readonly string[]): string {
  const { kind = name, what = '' } = /^(?<kind>\S+)(?: (?<what>.*))?$/su.exec(name)?.groups ?? {};
  if (kind === 'files') return what === '' || /^\d+$/.test(what) ? copyTitle(parts, what) : what;
  if (kind === 'env') return `${argNames.includes(what) ? 'build argument' : 'environment'} ${what}`;
  return withoutFiles(name);
}

/** `COPY package.json`: the instruction with the sources as written, or only the source of this part. */
function copyTitle(parts: Values, index: string): string {
  const instruction = parts.get('instruction')?.[0] ?? 'the copied files';
  const patterns = patternsOf(parts.get('sources')?.[0]);
  const named = index === '' ? patterns : patterns.slice(Number(index) - 1, Number(index));
  return [instruction, ...named.filter((pattern) => pattern !== '')].join(' ');
}

function patternsOf(sources: string | undefined): readonly string[] {
  try {
    const list = JSON.parse(sources ?? '[]') as readonly { readonly pattern?: unknown; readonly name?: unknown }[];
    return list.map(({ pattern, name }) => String(pattern ?? name ?? ''));
  } catch {
    return [];
  }
}

function withoutFiles(name: string): string {
  return name.endsWith(' files') ? name.slice(0, -' files'.length) : name;
}

/** The path of a bind mount in its source, because the listing does not contain it. */
function sourceOf(name: string, parts: Values): string {
  try {
    const { source } = JSON.parse(parts.get(withoutFiles(name))?.[0] ?? '{}') as { readonly source?: unknown };
    return typeof source === 'string' ? source : '';
  } catch {
    return '';
  }
}

interface ListingSource {
  readonly details: MissDetails;
  readonly source: string;
}

function filesChanged(
  old: Digest,
  current: Digest,
  { details: { readListing }, source }: ListingSource,
): string | undefined {
  const [before, now] = [readListing(old), readListing(current)];
  return before === undefined || now === undefined ? undefined : diffListings(before, now, source);
}
