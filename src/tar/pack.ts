import { MkimageError } from '../errors.ts';
import { BLOCK, checksumOf, FIELD, type Field, fitsOctal, type TarHeader, TYPE_FLAG, writeOctal } from './header.ts';
import { bytesOfText } from './path-text.ts';
import { encodeRecord, XATTR_PREFIX } from './pax.ts';
import { SimilarHeader } from './similar-header.ts';

const BUFFER_SIZE = 1 << 20;
const PLAIN = /^[\x01-\x7f]*$/;
const MAGIC = Buffer.from('ustar\x0000', 'latin1');
const PAX_TYPE = 'x';
const PAX_NAME = 'PaxHeaders/entry';

/** Takes the next bytes of the archive and is done with them when it returns: the buffer is used again. */
export type TarOutput = (bytes: Uint8Array) => void;

/** Reads up to `length` bytes into `buffer` at `offset` and says how many; 0 is the end. */
export type ReadInto = (buffer: Buffer, offset: number, length: number) => number;

/**
 * Writes a tar archive, synchronously and through one buffer. The same entries always give the same bytes: ustar headers,
 * and a pax header before an entry only for what ustar cannot hold.
 */
export class TarWriter {
  readonly #output: TarOutput;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_SIZE);
  readonly #similar = new SimilarHeader();
  #used = 0;
  #flushed = 0;
  /** Data bytes that the current entry still has to get. */
  #left = 0;
  #padding = 0;

  constructor(output: TarOutput) {
    this.#output = output;
  }

  /** Bytes of archive so far. */
  get offset(): number {
    return this.#flushed + this.#used;
  }

  /** Data bytes that the current entry still has to get, through `fill` or `data`. */
  get left(): number {
    return this.#left;
  }

  /** Begins an entry and returns where its data begins. */
  entry(header: TarHeader): number {
    this.#requireComplete();
    if (!this.#similarHeader(header)) {
      const isWhole = fitsUstar(header);
      if (!isWhole) this.#pax(paxRecordsOf(header));
      const at = this.#header(header);
      if (isWhole) this.#similar.learn(header, this.#buffer, at);
    }
    this.#left = header.type === 'file' ? header.size : 0;
    this.#padding = -this.#left & (BLOCK - 1);
    return this.offset;
  }

  /** Data of the current entry. */
  data(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      done += this.fill((buffer, offset, length) => {
        const piece = bytes.subarray(done, done + length);
        buffer.set(piece, offset);
        return piece.length;
      });
    }
  }

  /** Lets `read` put the next data straight into the buffer; returns what it read. */
  fill(read: ReadInto): number {
    if (this.#left === 0) throw new MkimageError('internal', 'write tar archive: more data than the entry has');
    if (this.#used === BUFFER_SIZE) this.#flush();
    const count = read(this.#buffer, this.#used, Math.min(this.#left, BUFFER_SIZE - this.#used));
    this.#used += count;
    this.#left -= count;
    if (this.#left === 0) this.#zeros(this.#padding);
    return count;
  }

  /** Writes the two closing blocks of zeros and hands out what is left. */
  finish(): void {
    this.#requireComplete();
    this.#zeros(2 * BLOCK);
    this.#flush();
  }

  #requireComplete(): void {
    if (this.#left > 0)
      throw new MkimageError('internal', `write tar archive: ${this.#left} bytes of data are missing`);
  }

  #pax(records: Buffer): void {
    const at = this.#block({ path: PAX_NAME, mode: 0o644, uid: 0, gid: 0, mtime: 0, size: records.length }, PAX_TYPE);
    writeChecksum(this.#buffer, at);
    this.#left = records.length;
    this.#padding = -records.length & (BLOCK - 1);
    this.data(records);
  }

  #similarHeader(header: TarHeader): boolean {
    if (this.#used + BLOCK > BUFFER_SIZE) this.#flush();
    const isWritten = this.#similar.write(header, this.#buffer, this.#used);
    if (isWritten) this.#used += BLOCK;
    return isWritten;
  }

  #header(header: TarHeader): number {
    const at = this.#block(header, TYPE_FLAG[header.type]);
    if (header.linkname !== undefined && fitsName(header.linkname)) {
      this.#buffer.write(header.linkname, at + FIELD.linkname[0], 'latin1');
    }
    if (header.device !== undefined) {
      writeOctal(this.#buffer, at, FIELD.major, header.device.major);
      writeOctal(this.#buffer, at, FIELD.minor, header.device.minor);
    }
    writeChecksum(this.#buffer, at);
    return at;
  }

  /** One header block, still without its checksum; returns where in the buffer it lies. */
  #block(header: BlockFields, flag: string): number {
    if (this.#used + BLOCK > BUFFER_SIZE) this.#flush();
    const at = this.#used;
    const block = this.#buffer;
    block.fill(0, at, at + BLOCK);
    writePath(block, at, header.path);
    writeOctal(block, at, FIELD.mode, header.mode);
    writeFitting(block, at, FIELD.uid, header.uid);
    writeFitting(block, at, FIELD.gid, header.gid);
    writeFitting(block, at, FIELD.size, header.size);
    writeFitting(block, at, FIELD.mtime, header.mtime);
    block[at + 156] = flag.charCodeAt(0);
    block.set(MAGIC, at + 257);
    writeOctal(block, at, FIELD.major, 0);
    writeOctal(block, at, FIELD.minor, 0);
    this.#used += BLOCK;
    return at;
  }

  #zeros(count: number): void {
    if (this.#used + count > BUFFER_SIZE) this.#flush();
    this.#buffer.fill(0, this.#used, this.#used + count);
    this.#used += count;
  }

  #flush(): void {
    if (this.#used > 0) this.#output(this.#buffer.subarray(0, this.#used));
    this.#flushed += this.#used;
    this.#used = 0;
  }
}

const CHECKSUM_DIGITS: Field = [FIELD.checksum[0], 7];

type BlockFields = Pick<TarHeader, 'path' | 'mode' | 'uid' | 'gid' | 'size' | 'mtime'>;

/** A number that does not fit stands in the pax header instead, and as 0 here. */
function writeFitting(block: Buffer, at: number, field: Field, value: number): void {
  writeOctal(block, at, field, fitsOctal(value, field) ? value : 0);
}

/** Six octal digits, a NUL and a space. */
function writeChecksum(block: Buffer, at: number): void {
  const [start, length] = FIELD.checksum;
  block.fill(0, at + start, at + start + length);
  const sum = checksumOf(block, at);
  writeOctal(block, at, CHECKSUM_DIGITS, sum);
  block[at + start + length - 1] = 0x20;
}

/** A path that fits neither way stands in the pax header; here goes what a reader without pax could still use. */
function writePath(block: Buffer, at: number, path: string): void {
  if (fitsName(path)) {
    block.write(path, at, 'latin1');
    return;
  }
  const split = splitPath(path);
  if (split === undefined) {
    const bytes = bytesOfText(path);
    block.set(bytes.subarray(0, bytes.length > 100 ? 99 : bytes.length), at);
    return;
  }
  block.write(path.slice(0, split), at + FIELD.prefix[0], 'latin1');
  block.write(path.slice(split + 1), at, 'latin1');
}

function fitsName(text: string): boolean {
  return text.length <= FIELD.name[1] && PLAIN.test(text);
}

/** Where a longer path can be cut into ustar's prefix and name, or undefined. */
function splitPath(path: string): number | undefined {
  if (path.length > 256 || !PLAIN.test(path)) return undefined;
  const last = path.endsWith('/') ? path.length - 2 : path.length - 1;
  const slash = path.lastIndexOf('/', Math.min(last, FIELD.prefix[1]));
  return slash > 0 && path.length - slash - 1 <= FIELD.name[1] ? slash : undefined;
}

/** True if the header needs no pax records. */
function fitsUstar(header: TarHeader): boolean {
  return (
    Object.keys(header.xattrs ?? {}).length === 0 &&
    fitsOctal(header.uid, FIELD.uid) &&
    fitsOctal(header.gid, FIELD.gid) &&
    fitsOctal(header.size, FIELD.size) &&
    fitsOctal(header.mtime, FIELD.mtime) &&
    (fitsName(header.path) || splitPath(header.path) !== undefined) &&
    (header.linkname === undefined || fitsName(header.linkname))
  );
}

/** The records for what the ustar header cannot say, in a fixed order. */
function paxRecordsOf(header: TarHeader): Buffer {
  const records: Buffer[] = [];
  const add = (key: string, value: string | Uint8Array) =>
    records.push(encodeRecord(key, typeof value === 'string' ? bytesOfText(value) : value));
  if (!fitsOctal(header.gid, FIELD.gid)) add('gid', String(header.gid));
  if (header.linkname !== undefined && !fitsName(header.linkname)) add('linkpath', header.linkname);
  if (!fitsOctal(header.mtime, FIELD.mtime)) add('mtime', String(header.mtime));
  if (!fitsName(header.path) && splitPath(header.path) === undefined) add('path', header.path);
  if (!fitsOctal(header.size, FIELD.size)) add('size', String(header.size));
  if (!fitsOctal(header.uid, FIELD.uid)) add('uid', String(header.uid));
  for (const name of Object.keys(header.xattrs ?? {}).sort()) {
    requireRecordable(name, header.path);
    add(XATTR_PREFIX + name, Buffer.from(header.xattrs![name]!, 'base64'));
  }
  return Buffer.concat(records);
}

/** A pax key ends at the first `=`. */
function requireRecordable(name: string, path: string): void {
  if (!name.includes('=') && name !== '') return;
  throw new MkimageError('unsupported', `write tar archive: extended attribute \`${name}\` of \`${path}\``, {
    hint: 'a tar archive cannot hold an attribute whose name has an equals sign',
  });
}
