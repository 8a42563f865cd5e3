import type { LogEntry } from '../../engine/log.ts';

/**
 * Formats one line without a line end: `2026-11-29T12:00:00.123Z debug http GET url=https://… status=200 ms=35`. Values that
 * contain blanks, quotes or `=` are quoted as in JSON. `now`: milliseconds since 1970.
 */
export function formatLogLine({ area, message, facts }: LogEntry, now: number): string {
  const pairs = Object.entries(facts).map(([name, value]) => `${name}=${formatValue(String(value))}`);
  return [new Date(now).toISOString(), 'debug', area, message, ...pairs].join(' ');
}

function formatValue(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
