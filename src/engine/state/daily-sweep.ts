/** Looks once a day for data that was unused for weeks. */
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FOLDERS } from '../folders.ts';
import { oldestAt, removeAged } from './aged.ts';

const DAY_MS = 86_400_000;

interface SweepConfig {
  readonly root: string;
  readonly now: () => string;
}

/** Returns true if the last sweep was more than a day ago. */
export function isSweepDue({ root, now }: SweepConfig): boolean {
  const last = statSync(markerIn(root), { throwIfNoEntry: false })?.mtimeMs;
  return last === undefined || Math.abs(Date.parse(now()) - last) > DAY_MS;
}

/** May be called only while no build runs. */
export function sweepAged({ root, now }: SweepConfig): void {
  const time = Date.parse(now());
  removeAged(root, oldestAt(time));
  const marker = markerIn(root);
  mkdirSync(dirname(marker), { recursive: true, mode: 0o700 });
  writeFileSync(marker, '', { mode: 0o600 });
  utimesSync(marker, time / 1000, time / 1000);
}

/** A file whose modification time is the time of the last sweep. */
function markerIn(root: string): string {
  return join(root, FOLDERS.locks.path, 'swept');
}
