import { SNIFF_LENGTH } from '../compression/index.ts';
import { type BlobSink, type BlobWriter, cleanPath, parentOf, type SealedBlob } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { digestOf, encodedOf, IMAGE_LAYOUT, isDigest, MAX_JSON_BYTES } from '../oci/index.ts';
import type { TarEntry, TarHandler } from '../tar/index.ts';

/** A file of the archive that was written into the sink, with its first bytes. */
export interface ArchivedFile extends SealedBlob {
  readonly start: Uint8Array;
}

type Held =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'blob'; readonly file: ArchivedFile }
  | { readonly kind: 'link'; readonly target: string };

/** Limit for all small files together that are kept in memory. */
const MAX_HELD = 32 * 1024 * 1024;
const MAX_LINKS = 8;
const MAX_ENTRIES = 100_000;

/**
 * Reads the files of an image archive in one pass: small ones stay in memory, others are written to the sink and
 * hashed. Paths and links are only looked up in this table, never on disk.
 */
export class ArchiveFiles implements TarHandler {
  readonly #sink: BlobSink;
  readonly #files = new Map<string, Held>();
  #held = 0;
  #entry: TarEntry | undefined;
  #writer: BlobWriter | undefined;
  #pieces: Buffer[] = [];
  #start: Buffer = Buffer.alloc(0);
  #commits: Promise<void>[] = [];

  constructor(sink: BlobSink) {
    this.#sink = sink;
  }

  entry(entry: TarEntry): void {
    this.#entry = entry;
    if (this.#files.size >= MAX_ENTRIES)
      throw new MkimageError('limit', `read archive: more than ${MAX_ENTRIES} files`);
    const path = cleanPath(entry.path);
    if (entry.type === 'symlink')
      this.#add(path, { kind: 'link', target: cleanPath(`${parentOf(path)}/${entry.linkname}`) });
    if (entry.type === 'hardlink') this.#add(path, { kind: 'link', target: cleanPath(entry.linkname ?? '') });
    if (entry.type === 'file' && !this.#fitsInMemory(path, entry.size)) this.#writer = this.#sink.create();
  }

  data(bytes: Buffer): void {
    if (this.#writer === undefined) {
      this.#pieces.push(Buffer.from(bytes));
      return;
    }
    if (this.#start.length < SNIFF_LENGTH) this.#start = Buffer.concat([this.#start, bytes.subarray(0, SNIFF_LENGTH)]);
    this.#writer.write(bytes);
  }

  entryEnd(): void {
    if (this.#entry?.type !== 'file') return;
    const path = cleanPath(this.#entry.path);
    if (this.#writer !== undefined) this.#commits.push(this.#commit(path, this.#writer, this.#start));
    else this.#add(path, { kind: 'bytes', bytes: Buffer.concat(this.#pieces) });
    this.#writer = undefined;
    this.#pieces = [];
    this.#start = Buffer.alloc(0);
  }

  /** Waits until everything read so far is in the sink. */
  async settle(): Promise<void> {
    const commits = this.#commits;
    this.#commits = [];
    await Promise.all(commits);
  }

  /** Discards the file that is being written. */
  async abort(): Promise<void> {
    await Promise.allSettled(this.#commits);
    await this.#writer?.abort();
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** Returns the content of a small file. Throws `invalid-archive` if it is missing, `limit` if it is too large. */
  read(path: string): Uint8Array {
    const found = this.#find(path) ?? throwMissing(path);
    if (found.kind === 'bytes') return found.bytes;
    throw new MkimageError('limit', `read archive: \`${clip(path)}\` has ${found.file.size} bytes`);
  }

  /** Returns a file of any size, in the sink. Throws `invalid-archive` if it is missing. */
  async store(path: string): Promise<ArchivedFile> {
    const found = this.#find(path) ?? throwMissing(path);
    if (found.kind === 'blob') return found.file;
    await using writer = this.#sink.create();
    writer.write(found.bytes);
    return { ...(await writer.commit()), start: found.bytes.subarray(0, SNIFF_LENGTH) };
  }

  async #commit(path: string, writer: BlobWriter, start: Buffer): Promise<void> {
    const sealed = await writer.commit();
    checkBlobName(path, sealed);
    this.#add(path, { kind: 'blob', file: { ...sealed, start: start.subarray(0, SNIFF_LENGTH) } });
  }

  /** Blobs of a layout and layers always go to the sink, whatever their size. */
  #fitsInMemory(path: string, size: number): boolean {
    if (path.startsWith('blobs/') || path.endsWith('.tar') || size > MAX_JSON_BYTES) return false;
    if (this.#held + size > MAX_HELD) return false;
    this.#held += size;
    return true;
  }

  #add(path: string, held: Held): void {
    const before = this.#files.get(path);
    if (before !== undefined && !isSame(before, held)) {
      throw new MkimageError(
        'invalid-archive',
        `read archive: \`${clip(path)}\` appears twice, with different content`,
      );
    }
    this.#files.set(path, held);
  }

  #find(path: string): Exclude<Held, { kind: 'link' }> | undefined {
    let held = this.#files.get(cleanPath(path));
    for (let links = 0; held?.kind === 'link' && links < MAX_LINKS; links++) held = this.#files.get(held.target);
    return held?.kind === 'link' ? undefined : held;
  }
}

function checkBlobName(path: string, sealed: SealedBlob): void {
  const folder = `${IMAGE_LAYOUT.blobs}/`;
  const named = path.startsWith(folder) ? `sha256:${path.slice(folder.length)}` : undefined;
  if (!isDigest(named) || named === sealed.digest) return;
  throw new MkimageError('integrity', `read archive: \`${path}\` has the content of ${encodedOf(sealed.digest)}`, {
    evidence: { expected: named, found: sealed.digest },
  });
}

function isSame(a: Held, b: Held): boolean {
  return a.kind === b.kind && identityOf(a) === identityOf(b);
}

function identityOf(held: Held): string {
  switch (held.kind) {
    case 'bytes':
      return digestOf(held.bytes);
    case 'blob':
      return held.file.digest;
    case 'link':
      return held.target;
  }
}

function throwMissing(path: string): never {
  throw new MkimageError('invalid-archive', `read archive: \`${clip(path)}\` is missing`);
}

function clip(path: string): string {
  return path.slice(0, 120);
}
