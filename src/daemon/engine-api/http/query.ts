import type { Filters } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';

/** Values that Docker takes for false; everything else is true. */
const FALSE = new Set(['', '0', 'no', 'false', 'none']);

export function readBoolean(query: URLSearchParams, name: string): boolean {
  return !FALSE.has((query.get(name) ?? '').trim().toLowerCase());
}

/** Reads a whole number. undefined: it is absent or empty. Throws `usage`. */
export function readInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (/^-?\d{1,12}$/.test(text)) return Number(text);
  throw new MkimageError('usage', `invalid value \`${text}\` for ${name}: it is not a number`);
}

/** Reads seconds since 1970 with a fraction, or RFC 3339. Returns milliseconds; undefined: from the beginning. Throws `usage`. */
export function readTime(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '' || text === '0') return undefined;
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new MkimageError('usage', `invalid value \`${text}\` for ${name}: it is not a time`);
}

/** Reads `filters`: lists of values, or objects whose members are the values. Throws `usage`. */
export function readFilters(query: URLSearchParams): Filters {
  const text = query.get('filters') ?? '';
  if (text === '') return {};
  const value = parseJson(text);
  if (!isObject(value)) throw invalidFilters();
  return Object.fromEntries(Object.entries(value).map(([key, values]) => [key, readValues(values)]));
}

function readValues(values: unknown): readonly string[] {
  if (Array.isArray(values)) return values.map(String);
  if (!isObject(values)) throw invalidFilters();
  return Object.entries(values).flatMap(([value, isSet]) => (isSet === false ? [] : [value]));
}

function invalidFilters(): MkimageError {
  return new MkimageError('usage', 'invalid filters: expected a JSON object of lists');
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MkimageError('usage', 'invalid JSON', { cause });
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
