import { statSync, utimesSync } from 'node:fs';

const HOUR_MS = 3_600_000;

/**
 * Sets the time of a file of ours to when it was of use, in milliseconds since 1970, so that a collection can tell old from
 * new. At most once an hour: that is fine enough, and a hit writes nothing. A file that cannot be marked is of use all the same.
 */
export function markUsed(file: string, now: number): void {
  try {
    if (Math.abs(now - statSync(file).mtimeMs) > HOUR_MS) utimesSync(file, now / 1000, now / 1000);
  } catch {
    // Removed by another process, or a store that may only be read.
  }
}
