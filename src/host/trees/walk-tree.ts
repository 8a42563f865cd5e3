import { type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';

/** A path longer than this is walked on from a descriptor of its directory: no system call takes more than 4,096 bytes. */
const LONGEST = 3000;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const SLASH = Buffer.from('/');

export interface Walked {
  /** Names the object until the walk goes on, and no longer. */
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

/** A folder that is held open, and what is still to be visited below it. */
interface Held {
  readonly descriptor: number | undefined;
  readonly waiting: Buffer[];
}

/**
 * A file, or a folder and all in it, parents first and following nothing. Depth costs neither stack nor length of path: a
 * step can make trees that are deeper than any path is long. What vanishes meanwhile, or may not be read, is passed over.
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
    for (const name of namesIn(path)) top.waiting.push(Buffer.concat([path, SLASH, name]));
    return;
  }
  const descriptor = openFolder(path);
  if (descriptor === undefined) return;
  const base = Buffer.from(`/proc/self/fd/${descriptor}/`);
  held.push({ descriptor, waiting: namesIn(base).map((name) => Buffer.concat([base, name])) });
}

function namesIn(folder: Buffer): readonly Buffer[] {
  return orUndefined(() => readdirSync(folder, { encoding: 'buffer' })) ?? [];
}

function openFolder(path: Buffer): number | undefined {
  return orUndefined(() => openSync(path, FOLDER));
}

const PASSED_OVER = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM']);

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (PASSED_OVER.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function close({ descriptor }: Held): void {
  if (descriptor !== undefined) closeSync(descriptor);
}
