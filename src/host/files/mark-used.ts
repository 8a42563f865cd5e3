import { statSync, utimesSync } from 'node:fs';

const HOUR_MS = 3_600_000;

/**
 * Sets a file's time to the time of its last use, in milliseconds since 1970, so that a collection can find unused files. Changes the
 * time at most once an hour, because that is exact enough and avoids writes. Ignores errors.
 */
export function markUsed(file: string, now: number): void {
  try {
    if (Math.abs(now - statSync(file).mtimeMs) > HOUR_MS) utimesSync(file, now / 1000, now / 1000);
  } catch {
    // The file was removed by another process, or the store is read-only.
  }
}
