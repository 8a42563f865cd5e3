import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { BlobWriter, SealedBlob } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { renameOver, toStoreError } from '../host/index.ts';
import type { Descriptor } from '../oci/index.ts';

/** Small writes are collected: one hash update and one system call per this many bytes. */
const GATHER = 256 * 1024;

/** Returns the path of a finished blob. */
export type BlobPlace = (blob: SealedBlob) => string;

/**
 * Writes a blob: temporary file → hash → rename. There is no fsync: after a power cut a lost blob is detected by its size and made
 * again. A kill loses nothing, because written bytes are in the kernel.
 */
export class Ingest implements BlobWriter {
  readonly #temporary: string;
  readonly #place: BlobPlace;
  readonly #file: number;
  readonly #hash: Hash = createHash('sha256');
  #gathered: Buffer | undefined;
  #fill = 0;
  #size = 0;
  #open = true;

  private constructor(temporary: string, place: BlobPlace, file: number) {
    this.#temporary = temporary;
    this.#place = place;
    this.#file = file;
  }

  static open(temporary: string, place: BlobPlace): Ingest {
    try {
      return new Ingest(temporary, place, openSync(temporary, 'wx', 0o600));
    } catch (error) {
      throw toStoreError('write blob', temporary, error);
    }
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  write(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (bytes.length >= GATHER) {
      this.#flush();
      this.#emit(bytes);
      return;
    }
    if (this.#fill + bytes.length > GATHER) this.#flush();
    this.#gathered ??= Buffer.allocUnsafeSlow(GATHER);
    this.#gathered.set(bytes, this.#fill);
    this.#fill += bytes.length;
  }

  async commit(): Promise<SealedBlob> {
    return this.#finish(undefined);
  }

  /** Commits if the bytes match the descriptor. Otherwise throws `integrity` and leaves no file. */
  commitAs(expected: Descriptor): SealedBlob {
    return this.#finish(expected);
  }

  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #finish(expected: Descriptor | undefined): SealedBlob {
    this.#flush();
    this.#close();
    const sealed: SealedBlob = { digest: `sha256:${this.#hash.digest('hex')}`, size: this.#size };
    try {
      if (expected !== undefined) check(sealed, expected);
      // Replaces an existing blob too, because that one may be damaged.
      renameOver(this.#temporary, this.#place(sealed));
      return sealed;
    } catch (error) {
      rmSync(this.#temporary, { force: true });
      throw toStoreError('write blob', this.#temporary, error);
    }
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#file);
  }

  #flush(): void {
    const fill = this.#fill;
    this.#fill = 0;
    if (fill > 0) this.#emit(this.#gathered!.subarray(0, fill));
  }

  #emit(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      throw toStoreError('write blob', this.#temporary, error);
    }
  }
}

function check(found: SealedBlob, expected: Descriptor): void {
  if (found.digest === expected.digest && found.size === expected.size) return;
  const detail = found.size === expected.size ? found.digest : `${found.size} bytes`;
  const wanted = found.size === expected.size ? expected.digest : `${expected.size} bytes of ${expected.digest}`;
  throw new MkimageError('integrity', `write blob: expected ${wanted}, found ${detail}`, {
    evidence: { expected: expected.digest, found: found.digest },
  });
}
