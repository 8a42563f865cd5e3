import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, storeFault } from '../owners/file-fault.ts';
import { renameOver } from './rename-over.ts';

/** How much survives: `kill` a killed process, `power` also a power cut (an fsync of file and folder, about a millisecond). */
export type Durability = 'kill' | 'power';

/** Puts a whole file in place: a reader sees the old bytes or the new ones. `temporary` must be on the same file system. */
export function writeAtomically(
  path: string,
  temporary: string,
  bytes: Uint8Array | string,
  durability: Durability,
): void {
  try {
    writeWhole(temporary, bytes, durability);
    renameInto(temporary, path);
    if (durability === 'power') syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw storeFault('write', path, error);
  }
}

function writeWhole(path: string, text: Uint8Array | string, durability: Durability): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (durability === 'power') fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function renameInto(temporary: string, path: string): void {
  try {
    renameOver(temporary, path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
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
