/** Once a day is enough to look for what has been of no use for weeks. */
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FOLDERS } from '../folders.ts';
import { oldestAt, removeAged } from './aged.ts';

const DAY_MS = 86_400_000;

interface SweepConfig {
  readonly root: string;
  readonly now: () => string;
}

/** Whether nobody has looked for a day. */
export function isSweepDue({ root, now }: SweepConfig): boolean {
  const last = statSync(markerIn(root), { throwIfNoEntry: false })?.mtimeMs;
  return last === undefined || Math.abs(Date.parse(now()) - last) > DAY_MS;
}

/** To be called while no build runs. */
export function sweepAged({ root, now }: SweepConfig): void {
  const time = Date.parse(now());
  removeAged(root, oldestAt(time));
  const marker = markerIn(root);
  mkdirSync(dirname(marker), { recursive: true, mode: 0o700 });
  writeFileSync(marker, '', { mode: 0o600 });
  utimesSync(marker, time / 1000, time / 1000);
}

/** A file whose time is when it was done last. */
function markerIn(root: string): string {
  return join(root, FOLDERS.locks.path, 'swept');
}
