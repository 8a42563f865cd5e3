import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { FileEntry, TreePath } from '../content/index.ts';
import {
  type Child,
  findInStack,
  isOpaque,
  isWhiteout,
  listHostNames,
  readHostEntry,
  type Stack,
} from '../host/index.ts';
import { type Change, sameAttributes } from '../layer/index.ts';
import { toFsName } from '../tar/index.ts';
import { createPut, isMountPoint, refuseTooLong } from './put.ts';
import { haveSameBytes } from './same-bytes.ts';

export interface DiffOptions {
  /** The upper directory, with the marks of overlayfs. */
  readonly upper: string;
  /** The lower directories, topmost first. */
  readonly lowers: Stack;
  /** Mount points that were created for the step. They are not changes. */
  readonly exclude: ReadonlySet<TreePath>;
}

/**
 * Reads the changes of a step from the upper directory of its overlay, without walking the lower directories. These are no changes:
 * directories of which only the time changed, and files that were copied up without a change. The parents of a change are included.
 * The attributes of the root are ignored.
 */
export function* readOverlayChanges({ upper, lowers, exclude }: DiffOptions): Generator<Change> {
  const walk: Walk = { exclude, links: new Set() };
  const open = [openDirectory({ file: upper, path: '', below: { kind: 'directory', stack: lowers } }, undefined)];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const name = top.names[top.next++];
    if (name === undefined) {
      if (isChanged(walk, top)) yield* yieldPending(open);
      open.pop();
      continue;
    }
    const place = placeOf(top, name);
    const found = changeAt(walk, place);
    if (found === undefined) continue;
    const isFolder = found.kind === 'put' && found.entry.type === 'directory';
    if (isFolder) open.push(openDirectory(place, found));
    if (!isFolder || found.opaque === true) yield* yieldPending(open);
    if (!isFolder) yield found;
  }
}

interface Walk {
  readonly exclude: ReadonlySet<TreePath>;
  /** Inodes whose content was yielded already. */
  readonly links: Set<string>;
}

/** One object of the upper directory, and the object of the same name in the lower directories. */
interface Place {
  readonly file: string;
  readonly path: TreePath;
  readonly below: Child;
}

/** A directory that is being read. It is yielded before a change inside it, or at its end if it has changed itself. */
interface OpenDirectory {
  readonly place: Place;
  readonly names: readonly string[];
  next: number;
  /** The change that is not yielded yet; undefined: it is yielded already, or it is the root. */
  pending: (Change & { readonly kind: 'put' }) | undefined;
}

function openDirectory(place: Place, put: OpenDirectory['pending']): OpenDirectory {
  const below: Child = put?.opaque === true ? { kind: 'missing' } : place.below;
  return { place: { ...place, below }, names: listHostNames(place.file), next: 0, pending: put };
}

function placeOf({ place }: OpenDirectory, name: string): Place {
  const stack = place.below.kind === 'directory' ? place.below.stack : [];
  const path = place.path === '' ? name : `${place.path}/${name}`;
  const file = join(place.file, name);
  refuseTooLong(file, path);
  return { file, path, below: findInStack(stack, name) };
}

/** Returns the change of one name. The change of a directory counts only if there is a change inside, or if it `isChanged`. */
function changeAt(walk: Walk, { file, path, below }: Place): Change | undefined {
  const stats = lstatSync(toFsName(file), { bigint: true });
  // This test must be the first: all whiteouts of a mount are one inode, so they look like hard links.
  if (isWhiteout(stats)) return below.kind === 'missing' ? undefined : { kind: 'delete', path };
  const entry = readHostEntry(file, path, stats);
  if (entry === undefined) return undefined;
  if (entry.type !== 'directory')
    return isStillTheSame(walk, { file, path, below }, entry) ? undefined : createPut(file, entry, walk.links);
  const opaque = below.kind === 'directory' && isOpaque(file);
  return { kind: 'put', entry, ...(opaque ? { opaque } : {}) };
}

/** Yields the parent directories of the next change that were not yielded yet. */
function* yieldPending(open: readonly OpenDirectory[]): Generator<Change> {
  for (const directory of open) {
    if (directory.pending !== undefined) yield directory.pending;
    directory.pending = undefined;
  }
}

function isChanged(walk: Walk, { place, pending }: OpenDirectory): boolean {
  return pending !== undefined && !isUnchangedDirectory(walk, place, pending.entry);
}

function isUnchangedDirectory({ exclude }: Walk, { below }: Place, entry: FileEntry): boolean {
  if (below.kind === 'directory') return sameAsBelow(entry, below.stack[0]!);
  return below.kind === 'missing' && isMountPoint(exclude, entry);
}

/**
 * Returns true for a file that was only opened for writing or changed back, and for the stub of a mount point. Files with several
 * links always count as changed, because one of the links may be new.
 */
function isStillTheSame({ exclude }: Walk, { file, below }: Place, entry: FileEntry): boolean {
  if (isMountPoint(exclude, entry)) return true;
  if ((below.kind !== 'file' && below.kind !== 'symlink') || entry.inode !== undefined) return false;
  return sameAsBelow(entry, below.file) && (entry.type !== 'file' || haveSameBytes(file, below.file));
}

function sameAsBelow(entry: FileEntry, belowFile: string): boolean {
  const stats = lstatSync(toFsName(belowFile), { bigint: true });
  const below = readHostEntry(belowFile, entry.path, stats);
  return below !== undefined && sameAttributes(entry, below);
}
