import { closeSync, constants, createReadStream, fstatSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { ContentSource } from '../content/index.ts';
import { isMkimageError, MkimageError } from '../errors.ts';
import { openExactly } from '../host/index.ts';
import { type Descriptor, encodedOf, IMAGE_LAYOUT, MAX_JSON_BYTES } from '../oci/index.ts';

const CHUNK = 512 * 1024;

/** Reads files of an untrusted directory. Rejects symlinks that lead out of it, pipes and devices. */
export class LayoutDirectory implements ContentSource {
  readonly #root: string;

  constructor(directory: string) {
    try {
      this.#root = realpathSync(directory);
    } catch (cause) {
      throw new MkimageError('not-found', `read image layout \`${directory}\`: not found`, { cause });
    }
  }

  /** Reads a small file. Throws `invalid-archive` if it is missing. */
  read(path: string): Uint8Array {
    const file = this.#open(path);
    if (file === undefined) throw new MkimageError('invalid-archive', `read image layout: \`${path}\` is missing`);
    try {
      if (fstatSync(file).size > MAX_JSON_BYTES)
        throw new MkimageError('limit', `read image layout: \`${path}\` is too large`);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** Opens a blob, unverified. Throws `not-found`. */
  async open({ digest }: Descriptor): Promise<Readable> {
    const file = this.#open(`${IMAGE_LAYOUT.blobs}/${encodedOf(digest)}`);
    if (file === undefined) throw new MkimageError('not-found', `read image layout: blob ${digest} not found`);
    return createReadStream('', { fd: file, highWaterMark: CHUNK });
  }

  #open(path: string): number | undefined {
    try {
      return this.#openInside(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (isMkimageError(error)) throw error;
      throw new MkimageError('invalid-archive', `read image layout: cannot read \`${path}\``, { cause: error });
    }
  }

  #openInside(path: string): number {
    const real = realpathSync(join(this.#root, path));
    if (!real.startsWith(this.#root + sep)) {
      throw new MkimageError(
        'invalid-archive',
        `read image layout: \`${path}\` is a symlink that leads out of the layout`,
      );
    }
    const file = openExactly(real, constants.O_RDONLY);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw new MkimageError('invalid-archive', `read image layout: \`${path}\` is not a file`);
  }
}
