import type { ContainerState } from './record.ts';

const FIRST_MS = 100;
const LONGEST_MS = 60_000;
/** A run that was longer than this was good: the next delay is the first one again. */
const GOOD_RUN_MS = 10_000;

/** Milliseconds from now until a container is started again: doubled after each short run. */
export function delayOf({ startedAt, finishedAt, restartCount }: ContainerState, now: number): number {
  const ended = Date.parse(finishedAt);
  const isGood = ended - Date.parse(startedAt) >= GOOD_RUN_MS;
  const delay = isGood ? FIRST_MS : Math.min(FIRST_MS * 2 ** Math.min(restartCount, 20), LONGEST_MS);
  return Math.max(0, ended + delay - now);
}
