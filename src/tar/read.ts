import { MkimageError } from '../errors.ts';
import { createLimitError, getLimits, type Limits } from '../limits.ts';
import { decodeHeader, isMetadata, type RawHeader } from './decode.ts';
import { BLOCK, createArchiveError, type TarEntry } from './header.ts';
import { textOfBytes } from './path-text.ts';
import { decodeRecords, type PaxRecords } from './pax.ts';

/** Maximum bytes of a path or link target in Linux. */
const LONGEST_PATH = 4096;

/** Receives the content of an archive in the archive's order, while the archive is read. */
export interface TarHandler {
  entry(entry: TarEntry): void;
  /** The next bytes of the entry's data. The view is only valid during the call. */
  data(bytes: Buffer): void;
  /** All data of the entry has been read. */
  entryEnd(): void;
}

type State = 'header' | 'data' | 'padding' | 'end';

/**
 * Reads a tar archive in constant memory; the caller pushes chunks of any size. Does not validate names and does not follow links:
 * the handler must do that. Ignores everything after the closing zeros. Throws `invalid-archive` and `limit`.
 */
export class TarReader {
  readonly #handler: TarHandler;
  readonly #limits: Limits;
  readonly #block = Buffer.alloc(BLOCK);
  #blockFill = 0;
  #state: State = 'header';
  #offset = 0;
  #left = 0;
  #padding = 0;
  #zeroBlocks = 0;
  #entries = 0;
  #text = 0;
  /** The kind of metadata that the current data belongs to; undefined: the data of a file. */
  #metadata: RawHeader['type'] | undefined;
  #collected: Buffer[] = [];
  #pax: PaxRecords | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(handler: TarHandler, most: Limits = getLimits()) {
    this.#handler = handler;
    this.#limits = most;
  }

  /** Number of archive bytes read. */
  get offset(): number {
    return this.#offset;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length; ) at += this.#take(bytes, at);
  }

  /** Ends the archive. An archive without closing zeros is accepted. Throws `invalid-archive` if it ends inside an entry. */
  end(): void {
    const whole = this.#state === 'end' || (this.#state === 'header' && this.#blockFill === 0 && !this.#hasPending());
    if (!whole) throw createArchiveError(`the archive ends early, at byte ${this.#offset}`);
    this.#state = 'end';
  }

  #hasPending(): boolean {
    return this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
  }

  /** Consumes bytes from `at` on and returns their number. */
  #take(bytes: Buffer, at: number): number {
    const available = bytes.length - at;
    switch (this.#state) {
      case 'header':
        return this.#advance(this.#takeBlock(bytes, at));
      case 'data':
        return this.#takeData(bytes, at, Math.min(available, this.#left));
      case 'padding':
        return this.#takePadding(Math.min(available, this.#padding));
      case 'end':
        return this.#advance(available);
    }
  }

  #advance(count: number): number {
    this.#offset += count;
    return count;
  }

  /** A block that is completely in the chunk is decoded without a copy. */
  #takeBlock(bytes: Buffer, at: number): number {
    if (this.#blockFill === 0 && bytes.length - at >= BLOCK) {
      this.#header(bytes, at, BLOCK);
      return BLOCK;
    }
    const count = bytes.copy(this.#block, this.#blockFill, at, Math.min(bytes.length, at + BLOCK - this.#blockFill));
    this.#blockFill += count;
    if (this.#blockFill === BLOCK) {
      this.#blockFill = 0;
      this.#header(this.#block, 0, count);
    }
    return count;
  }

  #takeData(bytes: Buffer, at: number, count: number): number {
    const piece = bytes.subarray(at, at + count);
    if (this.#metadata === undefined) this.#handler.data(piece);
    else this.#collected.push(Buffer.from(piece));
    this.#left -= count;
    this.#offset += count;
    if (this.#left === 0) this.#dataEnd();
    return count;
  }

  #takePadding(count: number): number {
    this.#padding -= count;
    if (this.#padding === 0) this.#state = 'header';
    return this.#advance(count);
  }

  /** `consumed`: number of bytes of the block that `#offset` does not include yet. */
  #header(block: Buffer, at: number, consumed: number): void {
    const raw = decodeHeader(block, at);
    if (raw === undefined) {
      this.#zeroBlocks++;
      if (this.#zeroBlocks === 2) this.#state = 'end';
      return;
    }
    if (this.#zeroBlocks > 0) throw createArchiveError(`an entry follows the closing zeros, at byte ${this.#offset}`);
    if (isMetadata(raw.type)) this.#beginMetadata(raw);
    else this.#beginEntry(raw, this.#offset + consumed);
  }

  #beginMetadata(raw: RawHeader): void {
    if (raw.size > this.#limits.ARCHIVE_HEADER) throw this.#tooMuch('a header', `${raw.size} bytes`, 'ARCHIVE_HEADER');
    this.#metadata = raw.type;
    this.#collected = [];
    this.#beginData(raw.size);
  }

  #beginEntry(raw: RawHeader, offset: number): void {
    this.#entries++;
    if (this.#entries > this.#limits.ARCHIVE_ENTRIES) throw this.#tooMuch('it', 'more entries', 'ARCHIVE_ENTRIES');
    const entry = raw.toEntry({ pax: this.#pax, longName: this.#longName, longLink: this.#longLink, offset });
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#requirePathLength(entry.path);
    this.#requirePathLength(entry.linkname ?? '');
    this.#text += measureText(entry);
    if (this.#text > this.#limits.ARCHIVE_NAMES)
      throw this.#tooMuch('it', 'more names and attributes', 'ARCHIVE_NAMES');
    this.#metadata = undefined;
    this.#handler.entry(entry);
    this.#beginData(entry.size);
  }

  #requirePathLength(path: string): void {
    if (path.length <= LONGEST_PATH / 3 || Buffer.byteLength(path) <= LONGEST_PATH) return;
    const message = `read tar archive: a path has ${Buffer.byteLength(path)} bytes (limit ${LONGEST_PATH})`;
    throw new MkimageError('limit', message);
  }

  #beginData(size: number): void {
    this.#left = size;
    this.#padding = -size & (BLOCK - 1);
    this.#state = 'data';
    if (size === 0) this.#dataEnd();
  }

  #dataEnd(): void {
    this.#state = this.#padding > 0 ? 'padding' : 'header';
    if (this.#metadata === undefined) this.#handler.entryEnd();
    else this.#keepMetadata(Buffer.concat(this.#collected));
  }

  #keepMetadata(bytes: Buffer): void {
    this.#collected = [];
    switch (this.#metadata) {
      case 'pax':
        this.#pax = decodeRecords(bytes);
        break;
      case 'pax-global':
        decodeRecords(bytes); // must be well formed, but is not applied to entries (as in Go and containerd)
        break;
      case 'long-name':
        this.#longName = readTextUpToNul(bytes);
        break;
      case 'long-link':
        this.#longLink = readTextUpToNul(bytes);
        break;
    }
  }

  #tooMuch(what: string, found: string, limit: 'ARCHIVE_ENTRIES' | 'ARCHIVE_NAMES' | 'ARCHIVE_HEADER'): MkimageError {
    return createLimitError(limit, `read tar archive: ${what} has ${found} (limit ${this.#limits[limit]})`);
  }
}

function readTextUpToNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return textOfBytes(end < 0 ? bytes : bytes.subarray(0, end));
}

function measureText({ path, linkname, xattrs }: TarEntry): number {
  const names = path.length + (linkname?.length ?? 0);
  if (xattrs === undefined) return names;
  return Object.entries(xattrs).reduce((sum, [name, value]) => sum + name.length + value.length, names);
}
