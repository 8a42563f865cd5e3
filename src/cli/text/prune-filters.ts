import type { CacheType } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseDuration } from './units.ts';

/** Filters of `prune --filter`, with the meaning they have in Docker's `builder prune` and buildx. */
export interface PruneFilters {
  /** Seconds. */
  readonly unusedFor: number | undefined;
  readonly types: readonly CacheType[] | undefined;
  /** IDs or their first digits. */
  readonly ids: readonly string[] | undefined;
}

export interface FilterSettings {
  readonly types: readonly CacheType[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

const KEYS = 'until, type and id';

/** Throws `usage` for a filter that is unknown, invalid, or contradicts another one. */
export function readPruneFilters(texts: readonly string[], { types, now }: FilterSettings): PruneFilters {
  const given = new Map<string, string[]>();
  for (const text of texts) {
    const [, key = '', value = ''] = /^([^=]*)==?(.*)$/.exec(text) ?? [];
    const name = key === 'unused-for' ? 'until' : key;
    if (!['until', 'type', 'id'].includes(name)) throw createUnknownFilterError(text);
    given.set(name, [...(given.get(name) ?? []), value]);
  }
  const [until, another] = new Set(given.get('until'));
  if (another !== undefined) throw createFilterError(`until=${another}`, '`until` is set twice with different values');
  return {
    unusedFor: until === undefined ? undefined : readUntil(until, now),
    types: given.get('type')?.map((value) => readType(value, types)),
    ids: given.get('id')?.map(readId),
  };
}

/** Reads a duration or a time. Returns the seconds from then until now. */
function readUntil(text: string, now: number): number {
  const seconds = parseDuration(text) ?? countSecondsSince(text, now);
  if (seconds !== undefined) return seconds;
  throw createFilterError(
    `until=${text}`,
    'expected a duration such as `24h`, or a time such as `2026-01-31T12:00:00`',
  );
}

/** RFC 3339 with optional parts. Without a zone it is local time. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d{1,9})?))?)?)?(Z|[+-]\d\d:\d\d)?$/;

function countSecondsSince(text: string, now: number): number | undefined {
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return now / 1000 - Number(text);
  const [whole, day, hours = '00', minutes = '00', seconds = '00', zone = ''] = TIME.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const time = Date.parse(`${day}T${hours}:${minutes}:${seconds}${zone}`);
  return Number.isNaN(time) ? undefined : (now - time) / 1000;
}

function readType(value: string, types: readonly CacheType[]): CacheType {
  const type = types.find((each) => each === value);
  if (type !== undefined) return type;
  throw createFilterError(`type=${value}`, `expected one of ${types.join(', ')}`);
}

function readId(value: string): string {
  if (/^(?:sha256:)?[0-9a-f]{4,64}$/.test(value)) return value;
  throw createFilterError(`id=${value}`, 'expected at least four hexadecimal digits of an ID');
}

function createUnknownFilterError(text: string): MkimageError {
  return new MkimageError('usage', `unknown filter \`${text}\``, {
    hint: `supported filters are ${KEYS}, e.g. \`--filter until=24h\``,
  });
}

function createFilterError(filter: string, why: string): MkimageError {
  return new MkimageError('usage', `read filter \`${filter}\`: ${why}`);
}
