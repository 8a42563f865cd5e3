/** Opens the archives that ADD unpacks. The content decides if a file is an archive. Entries are listed, data is not copied. */
import { closeSync, createReadStream, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ArchiveCompression, decompressStream, SNIFF_LENGTH, sniffCompression } from '../compression/index.ts';
import { cleanPath, type FileEntry, type FileLocation, readChunks, type TreePath } from '../content/index.ts';
import { isMkimageError, throwIfCancelled } from '../errors.ts';
import type { Call } from '../progress.ts';
import { type TarEntry, TarReader, toFsName } from '../tar/index.ts';

export interface ArchiveEntry {
  /** The path is clean: `..` stops at the archive's root. A hard link has the type `file`, and `hardlink` is set. */
  readonly entry: FileEntry;
  readonly hardlink?: TreePath;
  readonly content?: FileLocation;
}

/** The entries stay readable until it is disposed. */
export interface OpenArchive extends AsyncDisposable {
  readonly entries: readonly ArchiveEntry[];
}

/**
 * Opens a tar archive, plain or compressed with gzip, bzip2, xz or zstd. Returns undefined if the first header shows that the file is
 * not an archive. Decompresses a compressed archive once into `scratch`. Throws `invalid-archive` for one that is damaged after its
 * first entry, `limit` for a decompression bomb.
 */
export async function openArchive(
  location: FileLocation,
  scratch: string,
  call: Call,
): Promise<OpenArchive | undefined> {
  const compression = sniffCompression(firstBytes(location));
  if (compression === 'uncompressed') return listPlain(location, call);
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(scratch, 'archive-'));
  const dispose = async () => rmSync(folder, { recursive: true, force: true });
  try {
    const entries = await listDecompressed({ location, compression, file: join(folder, 'tar') }, call);
    if (entries) return { entries, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
  await dispose();
  return undefined;
}

/** Collects the entries while bytes are pushed. An error before the first entry means that the file is not an archive. */
class Listing {
  readonly entries: ArchiveEntry[] = [];
  readonly #locate: (entry: TarEntry) => FileLocation;
  readonly #reader: TarReader;

  constructor(locate: (entry: TarEntry) => FileLocation) {
    this.#locate = locate;
    this.#reader = new TarReader({ entry: (entry) => this.#add(entry), data: () => {}, entryEnd: () => {} });
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  end(): void {
    this.#reader.end();
  }

  #add(tarEntry: TarEntry): void {
    const { linkname, offset: _offset, ...header } = tarEntry;
    const path = cleanPath(header.path);
    if (header.type === 'hardlink') {
      this.entries.push({ entry: { ...header, path, type: 'file' }, hardlink: cleanPath(linkname ?? '') });
      return;
    }
    const { type } = header;
    const entry: FileEntry = { ...header, path, type, ...(type === 'symlink' ? { linkname: linkname ?? '' } : {}) };
    this.entries.push(type === 'file' ? { entry, content: this.#locate(tarEntry) } : { entry });
  }
}

/** Returns true if the error means that the file is not an archive. */
function isNoArchive(error: unknown, listing: Listing): boolean {
  return listing.entries.length === 0 && isMkimageError(error, 'invalid-archive');
}

function listPlain(location: FileLocation, call: Call): OpenArchive | undefined {
  const listing = new Listing(({ offset, size }) => part(location, offset, size));
  try {
    for (const bytes of chunksOf(location)) {
      throwIfCancelled(call.signal);
      listing.push(bytes);
    }
    listing.end();
  } catch (error) {
    if (isNoArchive(error, listing)) return undefined;
    throw error;
  }
  if (listing.entries.length === 0) return undefined;
  return { entries: listing.entries, [Symbol.asyncDispose]: async () => {} };
}

interface CompressedArchive {
  readonly location: FileLocation;
  readonly compression: ArchiveCompression;
  readonly file: string;
}

async function listDecompressed(
  { location, compression, file }: CompressedArchive,
  call: Call,
): Promise<readonly ArchiveEntry[] | undefined> {
  const listing = new Listing(({ offset, size }) => ({ kind: 'host', file, offset, size }));
  const fd = openSync(file, 'wx', 0o600);
  try {
    for await (const bytes of decompressStream(streamOf(location), compression)) {
      throwIfCancelled(call.signal);
      writeSync(fd, bytes);
      listing.push(bytes);
    }
    listing.end();
  } catch (error) {
    if (isNoArchive(error, listing)) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
  return listing.entries.length === 0 ? undefined : listing.entries;
}

function part(location: FileLocation, offset: number, size: number): FileLocation {
  if (location.kind === 'bytes') return { kind: 'bytes', bytes: location.bytes.subarray(offset, offset + size) };
  return { kind: 'host', file: location.file, offset: location.offset + offset, size };
}

function streamOf(location: FileLocation): Readable {
  if (location.kind === 'bytes') return Readable.from([location.bytes], { objectMode: false });
  const { file, offset, size } = location;
  return size === 0 ? Readable.from([]) : createReadStream(toFsName(file), { start: offset, end: offset + size - 1 });
}

function* chunksOf(location: FileLocation): Iterable<Uint8Array> {
  if (location.kind === 'bytes') {
    yield location.bytes;
    return;
  }
  const fd = openSync(toFsName(location.file), 'r');
  try {
    yield* readChunks(fd, location);
  } finally {
    closeSync(fd);
  }
}

function firstBytes(location: FileLocation): Uint8Array {
  if (location.kind === 'bytes') return location.bytes.subarray(0, SNIFF_LENGTH);
  return (
    chunksOf({ ...location, size: Math.min(location.size, SNIFF_LENGTH) })
      [Symbol.iterator]()
      .next().value ?? Buffer.alloc(0)
  );
}
