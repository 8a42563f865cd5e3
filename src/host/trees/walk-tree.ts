import { type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';

/** Longer paths are continued from a descriptor of their directory, because system calls accept at most 4,096 bytes. */
const LONGEST = 3000;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const SLASH = Buffer.from('/');

export interface Walked {
  /** Valid only until the walk continues. */
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

/** An open folder, and the paths below it that are not visited yet. */
interface Held {
  readonly descriptor: number | undefined;
  readonly waiting: Buffer[];
}

/**
 * Yields a file, or a folder and everything in it, parents first. Follows no symlinks. Works for trees of any depth, because a step
 * can create trees that are deeper than the longest path. Skips objects that are removed meanwhile or cannot be read.
 */
export function* walkTree(root: string | Buffer): Generator<Walked> {
  const held: Held[] = [{ descriptor: undefined, waiting: [Buffer.from(root)] }];
  try {
    for (let top = held.at(-1); top !== undefined; top = held.at(-1)) {
      const path = top.waiting.pop();
      if (path === undefined) {
        close(held.pop()!);
        continue;
      }
      const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (stats === undefined) continue;
      yield { path, stats };
      if (stats.isDirectory()) enter(path, top, held);
    }
  } finally {
    for (const each of held) close(each);
  }
}

function enter(path: Buffer, top: Held, held: Held[]): void {
  if (path.length <= LONGEST) {
    for (const name of readNames(path)) top.waiting.push(Buffer.concat([path, SLASH, name]));
    return;
  }
  const descriptor = openFolder(path);
  if (descriptor === undefined) return;
  const base = Buffer.from(`/proc/self/fd/${descriptor}/`);
  held.push({ descriptor, waiting: readNames(base).map((name) => Buffer.concat([base, name])) });
}

function readNames(folder: Buffer): readonly Buffer[] {
  return tryRead(() => readdirSync(folder, { encoding: 'buffer' })) ?? [];
}

function openFolder(path: Buffer): number | undefined {
  return tryRead(() => openSync(path, FOLDER));
}

const SKIPPED = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM']);

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (SKIPPED.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function close({ descriptor }: Held): void {
  if (descriptor !== undefined) closeSync(descriptor);
}
