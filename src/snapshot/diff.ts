import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { FileEntry, TreePath } from '../content/index.ts';
import {
  type Change,
  type Child,
  childInStack,
  fsName,
  hostEntry,
  hostNames,
  isOpaque,
  isWhiteout,
  type Stack,
} from '../layer/index.ts';
import { isMountPoint, putOf, sameAttributes } from './put.ts';
import { sameBytes } from './same-bytes.ts';

export interface DiffOptions {
  /** What was written, in overlayfs' own form. */
  readonly upper: string;
  /** What it was written over, topmost first. */
  readonly lowers: Stack;
  /** Mount points that were made for the step: no change of the step's. */
  readonly exclude: ReadonlySet<TreePath>;
}

/**
 * What a step changed, read from the upper directory of its overlay without walking anything below. Directories that were
 * only copied up, and files that were copied up and are the same still, are no change; parents of a change are told again.
 */
export function overlayChanges({ upper, lowers, exclude }: DiffOptions): Iterable<Change> {
  const walk: Walk = { exclude, links: new Set() };
  return changesIn(walk, { file: upper, path: '', below: { kind: 'directory', stack: lowers } });
}

interface Walk {
  readonly exclude: ReadonlySet<TreePath>;
  /** Inodes whose bytes were given already. */
  readonly links: Set<string>;
}

/** One object of the upper directory, and what its name meant below. */
interface Place {
  readonly file: string;
  readonly path: TreePath;
  readonly below: Child;
}

function* changesIn(walk: Walk, directory: Place): Generator<Change> {
  const stack = directory.below.kind === 'directory' ? directory.below.stack : [];
  for (const name of hostNames(directory.file)) {
    const path = directory.path === '' ? name : `${directory.path}/${name}`;
    yield* changesAt(walk, { file: join(directory.file, name), path, below: childInStack(stack, name) });
  }
}

function* changesAt(walk: Walk, place: Place): Generator<Change> {
  const stats = lstatSync(fsName(place.file), { bigint: true });
  // Before anything else: the whiteouts of a mount are all one inode and would pass for hard links.
  if (isWhiteout(stats)) {
    if (place.below.kind !== 'missing') yield { kind: 'delete', path: place.path };
    return;
  }
  const entry = hostEntry(place.file, place.path, stats);
  if (entry === undefined) return;
  if (entry.type === 'directory') yield* directoryChanges(walk, place, entry);
  else if (!isStillTheSame(walk, place, entry)) yield putOf(place.file, entry, walk.links);
}

function* directoryChanges(walk: Walk, place: Place, entry: FileEntry): Generator<Change> {
  const opaque = place.below.kind === 'directory' && isOpaque(place.file);
  const inside = changesIn(walk, opaque ? { ...place, below: { kind: 'missing' } } : place);
  const first = inside.next();
  if (first.done === true && !opaque && isUnchangedDirectory(walk, place, entry)) return;
  yield { kind: 'put', entry, ...(opaque ? { opaque } : {}) };
  if (first.done !== true) yield first.value;
  yield* inside;
}

function isUnchangedDirectory({ exclude }: Walk, { below }: Place, entry: FileEntry): boolean {
  if (below.kind === 'directory') return sameAsBelow(entry, below.stack[0]!);
  return below.kind === 'missing' && isMountPoint(exclude, entry);
}

/** A file that was only opened for writing, or changed back; or the stub of a mount point. */
function isStillTheSame({ exclude }: Walk, { file, below }: Place, entry: FileEntry): boolean {
  if (isMountPoint(exclude, entry)) return true;
  if (below.kind !== 'file' || entry.type !== 'file' || entry.inode !== undefined) return false;
  return sameAsBelow(entry, below.file) && sameBytes(file, below.file);
}

/** A file with more links than this one is not compared: copying it up has parted them. */
function sameAsBelow(entry: FileEntry, belowFile: string): boolean {
  const stats = lstatSync(fsName(belowFile), { bigint: true });
  const below = hostEntry(belowFile, entry.path, stats);
  return below !== undefined && below.inode === undefined && sameAttributes(entry, below);
}
