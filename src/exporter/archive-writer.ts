import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDamagedBlobError, type SealedBlob, type Transfer } from '../content/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import type { Call } from '../progress.ts';
import { type TarHeader, TarWriter } from '../tar/index.ts';
import type { Output } from './output.ts';

/** Bytes between two checks for cancellation. */
const TURN = 8 * 1024 * 1024;

/** A blob in a file, and the transfer to which its progress is reported. */
export interface FileBlob extends SealedBlob {
  readonly file: string;
  readonly transfer: Transfer;
}

/**
 * Writes an archive of files. The same files give the same bytes: no times, no owners. File contents go from disk to
 * the output through one buffer; other work runs after every 8 MiB.
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

  /**
   * Copies a blob's file into the archive. Throws `integrity` if the content does not match its digest; then the
   * archive is invalid.
   */
  async copy(path: string, { digest, size, file: from, transfer }: FileBlob, call: Call): Promise<void> {
    const file = openBlob(from, { digest, size });
    const hash = createHash('sha256');
    try {
      this.#tar.entry({ ...NOBODY, path, type: 'file', mode: 0o644, size });
      while (this.#tar.left > 0) {
        const count = this.#tar.fill((buffer, offset, length) => {
          const count = readSync(file, buffer, offset, length, null);
          hash.update(buffer.subarray(offset, offset + count));
          return count;
        });
        transfer.addBytes(count);
        if (count === 0) throw createDamagedBlobError({ digest }, `${size - this.#tar.left} bytes of ${size}`);
        await this.pace(call);
      }
      const found = `sha256:${hash.digest('hex')}`;
      if (found !== digest) throw createDamagedBlobError({ digest }, `\`${found}\``);
    } finally {
      closeSync(file);
    }
  }

  /** Waits for a slow reader, and regularly lets other work run. */
  async pace(call: Call): Promise<void> {
    await this.#output.waitForReader(call.signal);
    if (this.#tar.offset < this.#turnAt) return;
    this.#turnAt = this.#tar.offset + TURN;
    await nextTurn();
    throwIfCancelled(call.signal);
  }

  async finish(call: Call): Promise<void> {
    this.#tar.finish();
    await this.#output.waitForReader(call.signal);
    await this.#output.commit();
  }
}

const NOBODY: Pick<TarHeader, 'uid' | 'gid' | 'mtime'> = { uid: 0, gid: 0, mtime: 0 };

/** Opens a blob's file of a known size. Throws `not-found`, `integrity`. */
export function openBlob(path: string, { digest, size }: SealedBlob): number {
  const file = openOrMissing(path);
  const found = fstatSync(file).size;
  if (found === size) return file;
  closeSync(file);
  throw createDamagedBlobError({ digest }, `${found} bytes instead of ${size}`);
}

function openOrMissing(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new MkimageError('not-found', `read blob \`${path}\`: not in the store`, { cause });
  }
}
