import type { Filters } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

/** Throws `usage` for a key that is not known. */
export function refuseUnknownFilters(filters: Filters, known: readonly string[]): void {
  const unknown = Object.keys(filters).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new MkimageError('usage', `invalid filter '${unknown}'`, { hint: `known filters are ${known.join(', ')}` });
}

/** `label=key`, `label=key=value`, and `label!=…` for those that must be absent. All must match. */
export function matchesLabels(labels: Readonly<Record<string, string>> | undefined, filters: Filters): boolean {
  const has = (text: string) => {
    const equals = text.indexOf('=');
    if (equals < 0) return Object.hasOwn(labels ?? {}, text);
    return labels?.[text.slice(0, equals)] === text.slice(equals + 1);
  };
  return (filters.label ?? []).every(has) && !(filters['label!'] ?? []).some(has);
}

/** `until=24h` or a time: created before it. */
export function matchesUntil(created: string, filters: Filters, now: number): boolean {
  const limits = (filters.until ?? []).map((text) => parseMoment(text, now));
  return limits.every((limit) => Date.parse(created) < limit);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a time: seconds since 1970, RFC 3339, a date, or a duration before now (`10m`, `1h30m`). Returns milliseconds. Throws `usage`. */
export function parseMoment(text: string, now: number): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)];
    return now - parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
  }
  const parsed = Date.parse(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text);
  if (!Number.isNaN(parsed)) return parsed;
  throw new MkimageError('usage', `invalid time \`${text}\``, {
    hint: 'e.g. `2026-01-02T15:04:05Z`, `10m` or seconds since 1970',
  });
}
