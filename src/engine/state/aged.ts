/**
 * Data that is stored to save time or to be read later. It is removed when it is unused for long, or when all of it
 * takes too much space.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureDiskBytes, removeTree } from '../../host/index.ts';
import { FOLDERS, type FolderId, type Retention } from '../folders.ts';

/** One object of such a folder: files whose names begin with the same digest belong together. */
export interface AgedEntry {
  readonly folder: FolderId;
  readonly id: string;
  readonly paths: readonly string[];
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  /** False for data left by a killed build. */
  readonly isWhole: boolean;
}

/** Returns a time limit in milliseconds since 1970, for a folder with this retention. */
export type OldestFor = (retention: Retention) => number;

const DAY_MS = 86_400_000;

/** Returns the folders that have a retention. */
export function agedFolders(): readonly (readonly [FolderId, Retention])[] {
  return Object.entries(FOLDERS).flatMap(([id, { garbage }]) =>
    garbage.kind === 'aged' ? [[id as FolderId, garbage.retention] as const] : [],
  );
}

/** Applies each folder's own retention at the time `now`. */
export function oldestAt(now: number): OldestFor {
  return ({ days }) => now - days * DAY_MS;
}

export function agedEntries(root: string, folder: FolderId, { whole }: Retention): readonly AgedEntry[] {
  const directory = join(root, FOLDERS[folder].path);
  const groups = new Map<string, string[]>();
  for (const name of namesIn(directory)) {
    const id = whole.test(name) ? idOf(name) : name;
    groups.set(id, [...(groups.get(id) ?? []), name]);
  }
  return [...groups].map(([id, names]) => {
    const paths = names.map((name) => join(directory, name));
    return { folder, id, paths, usedAt: Math.max(...paths.map(timeOf)), isWhole: whole.test(names[0]!) };
  });
}

/**
 * Returns what is too old or exceeds the size limit, longest unused first. Sizes are read only if there is a size
 * limit.
 */
export function agedGarbage(entries: readonly AgedEntry[], oldest: number, mostBytes?: number): readonly AgedEntry[] {
  const old = entries.filter(({ usedAt }) => usedAt < oldest);
  if (mostBytes === undefined) return old;
  const doomed = new Set(old);
  let bytes = 0;
  for (const entry of entries.toSorted((a, b) => b.usedAt - a.usedAt)) {
    if (doomed.has(entry)) continue;
    bytes += bytesOf(entry);
    if (bytes > mostBytes) doomed.add(entry);
  }
  return [...doomed];
}

/** Also removes what killed builds left, so it may be called only while no build runs. */
export function removeAged(root: string, oldestFor: OldestFor): { readonly ids: readonly string[]; bytes: number } {
  const doomed = agedFolders().flatMap(([folder, retention]) => {
    const all = agedEntries(root, folder, retention);
    const whole = all.filter(({ isWhole }) => isWhole);
    const left = all.filter(({ isWhole }) => !isWhole);
    return [...left, ...agedGarbage(whole, oldestFor(retention), retention.mostBytes)];
  });
  return removeEntries(doomed);
}

export function removeEntries(entries: readonly AgedEntry[]): { readonly ids: readonly string[]; bytes: number } {
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  for (const path of entries.flatMap(({ paths }) => paths)) removeTree(path);
  return { ids: entries.map(({ id }) => id), bytes };
}

/** Returns the size on disk. For a folder it uses the size that was recorded when it was made, if there is one. */
export function bytesOf({ paths }: AgedEntry): number {
  return paths.reduce((sum, path) => sum + (recordedBytes(path) ?? measureDiskBytes(path)), 0);
}

function recordedBytes(path: string): number | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return (stats?.blocks ?? 0) * 512;
  try {
    const text = readFileSync(`${path}.bytes`, 'utf8');
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The digest at the beginning of a name, or the whole name. */
function idOf(name: string): string {
  return /^[0-9a-f]{64}/.exec(name)?.[0] ?? name;
}

function timeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
