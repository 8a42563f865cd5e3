import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileEntry } from '../../content/index.ts';
import { MkimageError, throwIfCancelled } from '../../errors.ts';
import { descriptorPath, readHostEntry } from '../../host/index.ts';
import { type TarHeader, TarWriter, textOfBytes, toFsName } from '../../tar/index.ts';
import type { Place } from './root-view.ts';

const O_PATH = 0o10000000;
const OBJECT = O_PATH | constants.O_NOFOLLOW;
/** Entries between two turns of the event loop. */
const TURN = 128;

export interface PackOptions {
  readonly signal: AbortSignal;
  /** Leaves out what is mounted below: its directories are empty. */
  readonly isOneMount?: boolean;
}

/**
 * Packs an object and everything below it as a tar whose first entry is `top` (`.` for the content of a directory alone, empty for names without a prefix). Follows no
 * symlink. What vanishes meanwhile is left out. Throws `store` if a file becomes shorter while it is read.
 */
export async function* packTree(
  { file, stats }: Pick<Place, 'file' | 'stats'>,
  top: string,
  { signal, isOneMount = false }: PackOptions,
): AsyncGenerator<Buffer> {
  const packer = new Packer(isOneMount);
  if (stats === undefined) throw new MkimageError('not-found', `Could not find the file ${top}`);
  let entries = 0;
  for (const chunk of packer.pack(file, top)) {
    if (chunk !== undefined) yield chunk;
    if (++entries % TURN === 0) await nextTurn();
    throwIfCancelled(signal);
  }
  yield* packer.finish();
}

class Packer {
  readonly #chunks: Buffer[] = [];
  readonly #tar = new TarWriter((bytes) => this.#chunks.push(Buffer.from(bytes)));
  /** First name of each inode. */
  readonly #inodes = new Map<string, string>();
  readonly #isOneMount: boolean;
  #mount: string | undefined;

  constructor(isOneMount: boolean) {
    this.#isOneMount = isOneMount;
  }

  /** Yields chunks, and undefined after each entry. */
  *pack(file: string, path: string): Generator<Buffer | undefined> {
    const descriptor = openObject(file);
    if (descriptor === undefined) return;
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      const entry = entryOf({ file, path, descriptor, stats });
      if (entry === undefined) return; // a socket
      if (path !== '') yield* this.#write(entry, descriptor);
      yield undefined;
      if (stats.isDirectory() && this.#isWanted(descriptor))
        for (const name of namesIn(descriptor))
          yield* this.pack(`${descriptorPath(descriptor)}/${name}`, path === '' ? name : `${path}/${name}`);
    } finally {
      closeSync(descriptor);
    }
  }

  #isWanted(descriptor: number): boolean {
    if (!this.#isOneMount) return true;
    const mount = mountOf(descriptor);
    this.#mount ??= mount;
    return mount === this.#mount;
  }

  *finish(): Generator<Buffer> {
    this.#tar.finish();
    yield* this.#take();
  }

  *#write(entry: FileEntry, object: number): Generator<Buffer> {
    const header = this.#headerOf(entry);
    this.#tar.entry(header);
    if (header.type === 'file' && header.size > 0) yield* this.#copy(entry, object);
    yield* this.#take();
  }

  *#copy(entry: FileEntry, object: number): Generator<Buffer> {
    const file = openSync(descriptorPath(object), constants.O_RDONLY);
    try {
      while (this.#tar.left > 0) {
        const count = this.#tar.fill((buffer, offset, length) => readSync(file, buffer, offset, length, null));
        if (count === 0) throw new MkimageError('store', `copy \`${entry.path}\`: it became shorter meanwhile`);
        yield* this.#take();
      }
    } finally {
      closeSync(file);
    }
  }

  *#take(): Generator<Buffer> {
    yield* this.#chunks.splice(0);
  }

  #headerOf({ inode, type, path, ...entry }: FileEntry): TarHeader {
    const first = inode === undefined ? undefined : this.#inodes.get(inode);
    if (first !== undefined) return { ...entry, path, type: 'hardlink', size: 0, linkname: first };
    if (inode !== undefined) this.#inodes.set(inode, path);
    return { ...entry, type, path: type === 'directory' ? `${path}/` : path };
  }
}

/** proc_pid_fdinfo(5). */
function mountOf(descriptor: number): string | undefined {
  return readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')
    .split('\n')
    .find((line) => line.startsWith('mnt_id:'));
}

/** undefined: it is gone. */
function openObject(file: string): number | undefined {
  try {
    return openSync(toFsName(file), OBJECT);
  } catch (error) {
    if (['ENOENT', 'ESTALE'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

interface Opened {
  readonly file: string;
  readonly path: string;
  readonly descriptor: number;
  readonly stats: BigIntStats;
}

/** Attributes are read from the opened object; only a symlink is read by its name. */
function entryOf({ file, path, descriptor, stats }: Opened): FileEntry | undefined {
  return readHostEntry(stats.isSymbolicLink() ? file : descriptorPath(descriptor), path, stats);
}

function namesIn(descriptor: number): readonly string[] {
  return readdirSync(descriptorPath(descriptor), { encoding: 'buffer' }).map(textOfBytes).sort();
}
