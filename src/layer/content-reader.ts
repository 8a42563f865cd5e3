import { closeSync, constants, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type ContentProof, createSuspectError, type FileEntry, type FileLocation } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { ExactFiles } from '../host/index.ts';
import { type ReadInto, toFsName } from '../tar/index.ts';

/** A FIFO that replaced a file must not block the build, and a symlink must not lead to other files of the host. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

type HostLocation = Extract<FileLocation, { kind: 'host' }>;

/**
 * Reads the content of files from their locations. Many contents may be in one file (a layer's tar), so a file stays open until a
 * content of another file is read. Call `close` at the end.
 */
export class ContentReader {
  #file: string | undefined;
  #descriptor = -1;
  readonly #exact = new ExactFiles();

  /** Opens one content. The reader throws `source-missing` if it is shorter than the entry's size, `integrity` if its crc32 differs. */
  open(entry: FileEntry, location: FileLocation): ReadInto {
    const size = location.kind === 'host' ? location.size : location.bytes.length;
    if (size !== entry.size) throw createChangeError(entry);
    return location.kind === 'host' ? this.#fromFile(entry, location) : fromBytes(location.bytes);
  }

  close(): void {
    this.#leave();
    this.#exact.close();
  }

  #leave(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#file = undefined;
  }

  #fromFile(entry: FileEntry, location: HostLocation): ReadInto {
    if (location.file !== this.#file) this.#switchTo(location, entry);
    const { proof } = location;
    const end = location.offset + location.size;
    let [at, crc] = [location.offset, 0];
    return (buffer, offset, length) => {
      const count = readSync(this.#descriptor, buffer, offset, Math.min(length, end - at), at);
      if (proof !== undefined && count > 0) crc = crc32(buffer.subarray(offset, offset + count), crc);
      at += count;
      if (proof !== undefined && (count === 0 || (at === end && crc !== proof.crc)))
        throw createDamageError(entry, proof);
      if (count === 0) throw createChangeError(entry);
      return count;
    };
  }

  #switchTo({ file, isExact, proof }: HostLocation, entry: FileEntry): void {
    this.#leave();
    try {
      this.#descriptor = isExact === true ? this.#exact.open(file) : openSync(toFsName(file), OPEN_FLAGS);
      this.#file = file;
    } catch (cause) {
      if (proof !== undefined) throw createDamageError(entry, proof);
      throw new MkimageError('source-missing', `read \`${entry.path}\`: it cannot be opened`, { cause });
    }
  }
}

function fromBytes(bytes: Uint8Array): ReadInto {
  let at = 0;
  return (buffer, offset, length) => {
    const piece = bytes.subarray(at, at + length);
    buffer.set(piece, offset);
    at += piece.length;
    return piece.length;
  };
}

function createDamageError({ path }: FileEntry, { diffId }: ContentProof): MkimageError {
  const what = 'its bytes are not those that were written into the layer';
  return createSuspectError({ kind: 'layer', diffId }, `read \`/${path}\` of layer \`${diffId}\`: ${what}`);
}

function createChangeError(entry: FileEntry): MkimageError {
  return new MkimageError('source-missing', `read \`${entry.path}\`: it changed while it was being read`, {
    hint: 'build again when nothing writes to the source any more',
  });
}

/** Reads all bytes of a small file. Throws `source-missing` if it is shorter than listed. */
export function readContent(entry: FileEntry, location: FileLocation): Buffer {
  const reader = new ContentReader();
  try {
    const read = reader.open(entry, location);
    const bytes = Buffer.allocUnsafe(entry.size);
    for (let at = 0; at < bytes.length; ) at += read(bytes, at, bytes.length - at);
    return bytes;
  } finally {
    reader.close();
  }
}
