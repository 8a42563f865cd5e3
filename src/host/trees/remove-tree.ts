import { chmodSync, type Dirent, lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { thisProcessId } from '../owners/this-process.ts';

/** A folder at a longer path is moved up before it is looked into: no system call takes more than 4,096 bytes. */
const LONGEST = 2000;
const SLASH = Buffer.from('/');

/** A folder that is being emptied. */
interface Emptied {
  readonly path: Buffer;
  readonly folders: Buffer[];
}

/**
 * Removes a file, or a folder with all in it, following nothing. Depth costs neither stack nor length of path. What cannot be
 * removed does not keep the rest: it is thrown about (as by `node:fs`) when all else is gone. Nothing there is no failure.
 */
export function removeTree(path: string | Buffer): void {
  const work = removal(path);
  for (let { value, done } = work.next(); done !== true; ) {
    const failure = failureOf(() => rmdirSync(value as Buffer));
    ({ value, done } = work.next(failure));
  }
}

/**
 * The same, and others run meanwhile. The kernel lets who removes a folder that was mounted on wait for tens of milliseconds, so
 * that is done beside them too.
 */
export async function removeTreeInTurns(path: string): Promise<void> {
  const work = removal(path);
  for (let { value, done } = work.next(); done !== true; ) {
    const failure = await rmdir(value as Buffer).then(
      () => undefined,
      (error: unknown) => error,
    );
    ({ value, done } = work.next(failure));
  }
}

/** Yields each folder that is to be removed now, being empty, and takes why that failed. */
function* removal(path: string | Buffer): Generator<Buffer, void, unknown> {
  const root = Buffer.from(path);
  const failures: unknown[] = [];
  const open: Emptied[] = [];
  let moved = 0;
  const enter = (folder: Buffer) => open.push({ path: folder, folders: attempt(failures, () => clear(folder)) ?? [] });
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

/** Unlinks what is in a folder but for the folders there, and says which those are. */
function clear(folder: Buffer): Buffer[] {
  const folders: Buffer[] = [];
  let failure: unknown;
  for (const entry of entriesOf(folder)) {
    const path = Buffer.concat([folder, SLASH, entry.name]);
    try {
      if (entry.isDirectory()) folders.push(path);
      else writable(folder, () => unlinkSync(path));
    } catch (error) {
      if (isFolder(path)) folders.push(path);
      else if (errnoOf(error) !== 'ENOENT') failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return folders;
}

function entriesOf(folder: Buffer): Dirent<Buffer>[] {
  return writable(folder, () => readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }));
}

/** A folder that is moved needs to be writable itself: its `..` changes. */
function rename(from: Buffer, to: Buffer): boolean {
  writable(from, () => renameSync(from, to));
  return true;
}

/** Does what may need a folder's mode to allow it: the mode of what is on its way out does not matter any more. */
function writable<T>(folder: Buffer, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw error;
    chmodSync(folder, 0o700);
    return work();
  }
}

/** What the work gives; a failure is kept for later, unless it is that there is nothing. */
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

function failureOf(work: () => void): unknown {
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
