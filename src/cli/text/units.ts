const SIZE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Formats bytes as Docker does: decimal units, three digits (`1.05MB`). */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : Number(value.toPrecision(3))}${SIZE_UNITS[unit]}`;
}

/** Formats milliseconds as seconds with one decimal: `0.4s`, `83.0s`. */
export function formatSeconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`;
}

const AGES: readonly (readonly [below: number, unit: string, seconds: number])[] = [
  [60, 'second', 1],
  [3600, 'minute', 60],
  [48 * 3600, 'hour', 3600],
  [14 * 86400, 'day', 86400],
  [60 * 86400, 'week', 7 * 86400],
  [730 * 86400, 'month', 30 * 86400],
];

/** Formats the age of a time (RFC 3339): `3 hours ago`; `N/A` if it is undefined. `now`: milliseconds since 1970. */
export function formatAge(time: string | undefined, now: number): string {
  const then = Date.parse(time ?? '');
  if (Number.isNaN(then)) return 'N/A';
  const seconds = Math.max(0, Math.floor((now - then) / 1000));
  const [, unit, length] = AGES.find(([below]) => seconds < below) ?? [0, 'year', 365 * 86400];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

const DURATION_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses `24h`, `1h30m` or `7d` to seconds. Returns undefined if the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+[smhd])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([smhd])/gy)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * DURATION_UNITS[unit!]!, 0);
}
