import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, toStoreError } from '../owners/store-error.ts';
import { makeDirectories } from './make-directories.ts';
import { renameOver } from './rename-over.ts';

/** What the write survives: `kill` a killed process, `power` also a power failure (an fsync of file and folder, about a millisecond). */
export type Durability = 'kill' | 'power';

export interface AtomicOptions {
  /** A path on the same file system for the incomplete file. */
  readonly temporary: string;
  readonly durability: Durability;
}

/** Writes a file atomically: readers see the old bytes or the new ones. Throws `store`. */
export function writeAtomically(
  path: string,
  bytes: Uint8Array | string,
  { temporary, durability }: AtomicOptions,
): void {
  try {
    writeTemporary(temporary, bytes, durability);
    moveTo(temporary, path);
    if (durability === 'power') syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw toStoreError('write', path, error);
  }
}

function writeTemporary(path: string, text: Uint8Array | string, durability: Durability): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (durability === 'power') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function moveTo(temporary: string, path: string): void {
  try {
    renameOver(temporary, path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    makeDirectories(dirname(path), 0o700);
    renameOver(temporary, path);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
