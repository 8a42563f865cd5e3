import { chmodSync, type Dirent, lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { thisProcessId } from '../owners/this-process.ts';

/** A folder at a longer path is moved up before it is read, because system calls accept at most 4,096 bytes. */
const LONGEST = 2000;
const SLASH = Buffer.from('/');

/** A folder that is being emptied. */
interface Emptied {
  readonly path: Buffer;
  readonly folders: Buffer[];
}

/**
 * Removes a file, or a folder with its content. Follows no symlinks, and works for trees of any depth. If an object cannot be
 * removed, removes everything else first, then throws its error (as `node:fs`). Does nothing if the path does not exist.
 */
export function removeTree(path: string | Buffer): void {
  const work = removeInSteps(path);
  for (let { value, done } = work.next(); done !== true; ) {
    const failure = catchFailure(() => rmdirSync(value as Buffer));
    ({ value, done } = work.next(failure));
  }
}

/**
 * The same, but other work runs meanwhile. The removal of a folder that was a mount point can take tens of milliseconds in the
 * kernel, so folders are removed asynchronously.
 */
export async function removeTreeAsync(path: string): Promise<void> {
  const work = removeInSteps(path);
  for (let { value, done } = work.next(); done !== true; ) {
    const failure = await rmdir(value as Buffer).then(
      () => undefined,
      (error: unknown) => error,
    );
    ({ value, done } = work.next(failure));
  }
}

/** Yields each folder after it is emptied. The caller removes it and passes the error to `next`. */
function* removeInSteps(path: string | Buffer): Generator<Buffer, void, unknown> {
  const root = Buffer.from(path);
  const failures: unknown[] = [];
  const open: Emptied[] = [];
  let moved = 0;
  const enter = (folder: Buffer) =>
    open.push({ path: folder, folders: attempt(failures, () => emptyFolder(folder)) ?? [] });
  if (isFolder(root)) enter(root);
  else attempt(failures, () => unlinkSync(root));
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const below = top.folders.pop();
    if (below === undefined) {
      open.pop();
      keepFailure(failures, yield top.path);
    } else if (below.length <= LONGEST) enter(below);
    else {
      const nearer = Buffer.concat([root, Buffer.from(`/.deep-${thisProcessId()}-${moved++}`)]);
      if (attempt(failures, () => rename(below, nearer))) enter(nearer);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Unlinks everything in a folder except the folders, and returns those. */
function emptyFolder(folder: Buffer): Buffer[] {
  const folders: Buffer[] = [];
  let failure: unknown;
  for (const entry of readEntries(folder)) {
    const path = Buffer.concat([folder, SLASH, entry.name]);
    try {
      if (entry.isDirectory()) folders.push(path);
      else retryWritable(folder, () => unlinkSync(path));
    } catch (error) {
      if (isFolder(path)) folders.push(path);
      else if (errnoOf(error) !== 'ENOENT') failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return folders;
}

function readEntries(folder: Buffer): Dirent<Buffer>[] {
  return retryWritable(folder, () => readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }));
}

/** A folder must be writable to be moved, because its `..` entry changes. */
function rename(from: Buffer, to: Buffer): boolean {
  retryWritable(from, () => renameSync(from, to));
  return true;
}

/** Runs the work. If the folder's mode forbids it, changes the mode and tries again: the folder is going to be removed anyway. */
function retryWritable<T>(folder: Buffer, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error;
    chmodSync(folder, 0o700);
    return work();
  }
}

/** Returns the result of the work. Adds an error to `failures`, except ENOENT. */
function attempt<T>(failures: unknown[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    keepFailure(failures, error);
    return undefined;
  }
}

function keepFailure(failures: unknown[], failure: unknown): void {
  if (failure !== undefined && errnoOf(failure) !== 'ENOENT') failures.push(failure);
}

function catchFailure(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

function isFolder(path: Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
