import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import type { Call } from '../progress.ts';
import { type TarHeader, TarWriter } from '../tar/index.ts';
import type { Output } from './output.ts';

/** Between two looks at whether the caller still wants the archive. */
const TURN = 8 * 1024 * 1024;

/**
 * An archive of files, the same bytes for the same files: no times, no owners. File contents go from disk to output through one
 * buffer; the event loop gets its turn every 8 MiB.
 */
export class ArchiveWriter {
  readonly #output: Output;
  readonly #tar: TarWriter;
  #turnAt = TURN;

  constructor(output: Output) {
    this.#output = output;
    this.#tar = new TarWriter((bytes) => output.write(bytes));
  }

  directory(path: string): void {
    this.#tar.entry({ ...NOBODY, path: `${path}/`, type: 'directory', mode: 0o755, size: 0 });
  }

  file(path: string, bytes: Uint8Array): void {
    this.#tar.entry({ ...NOBODY, path, type: 'file', mode: 0o644, size: bytes.length });
    this.#tar.data(bytes);
  }

  /** Copies a file of a known size in. Throws `integrity` if it has another. */
  async copy(path: string, from: string, size: number, call: Call): Promise<void> {
    const file = openBlob(from, size);
    try {
      this.#tar.entry({ ...NOBODY, path, type: 'file', mode: 0o644, size });
      while (this.#tar.left > 0) {
        const count = this.#tar.fill((buffer, offset, length) => readSync(file, buffer, offset, length, null));
        if (count === 0) throw damaged(from, size - this.#tar.left, size);
        await this.pace(call);
      }
    } finally {
      closeSync(file);
    }
  }

  /** Waits for a slow reader, and lets others run now and then. */
  async pace(call: Call): Promise<void> {
    await this.#output.drained(call.signal);
    if (this.#tar.offset < this.#turnAt) return;
    this.#turnAt = this.#tar.offset + TURN;
    await nextTurn();
    throwIfCancelled(call.signal);
  }

  async finish(call: Call): Promise<void> {
    this.#tar.finish();
    await this.#output.drained(call.signal);
    await this.#output.commit();
  }
}

const NOBODY: Pick<TarHeader, 'uid' | 'gid' | 'mtime'> = { uid: 0, gid: 0, mtime: 0 };

/** Opens a blob's file of a known size. Throws `not-found`, `integrity`. */
export function openBlob(path: string, size: number): number {
  const file = openOrMissing(path);
  const found = fstatSync(file).size;
  if (found === size) return file;
  closeSync(file);
  throw damaged(path, found, size);
}

function openOrMissing(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new MkimageError('not-found', `read blob \`${path}\`: it is not in the store`, { cause });
  }
}

function damaged(path: string, found: number, expected: number): MkimageError {
  return new MkimageError('integrity', `read blob \`${path}\`: it has ${found} bytes instead of ${expected}`, {
    hint: 'the store is damaged; build again with --no-cache',
    details: { expected, found },
  });
}
