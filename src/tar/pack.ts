import { MkimageError } from '../errors.ts';
import { BLOCK, FIELD, fitsOctal, type TarHeader, TYPE_FLAG } from './header.ts';
import { bytesOfText } from './path-text.ts';
import { encodeRecord, XATTR_PREFIX } from './pax.ts';
import { SimilarHeader } from './similar-header.ts';
import {
  fitsName,
  splitPath,
  writeChecksum,
  writeGid,
  writeMajor,
  writeMinor,
  writeMode,
  writeMtime,
  writePath,
  writeSize,
  writeUid,
} from './ustar-fields.ts';

const BUFFER_SIZE = 1 << 20;
const MAGIC = Buffer.from('ustar\x0000', 'latin1');
const PAX_TYPE = 'x';
const PAX_NAME = 'PaxHeaders/entry';

/** Receives the next bytes of the archive. The buffer is used again after the call, so the callee must not keep it. */
export type TarOutput = (bytes: Uint8Array) => void;

/** Reads up to `length` bytes into `buffer` at `offset` and returns the number of bytes; 0 at the end. */
export type ReadInto = (buffer: Buffer, offset: number, length: number) => number;

/**
 * Writes a tar archive synchronously through one buffer. The same entries always give the same bytes: ustar headers, and a pax
 * header before an entry only for values that do not fit a ustar header.
 */
export class TarWriter {
  readonly #output: TarOutput;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_SIZE);
  readonly #similar = new SimilarHeader();
  #used = 0;
  #flushed = 0;
  /** Missing data bytes of the current entry. */
  #left = 0;
  #padding = 0;

  constructor(output: TarOutput) {
    this.#output = output;
  }

  /** Number of archive bytes written so far. */
  get offset(): number {
    return this.#flushed + this.#used;
  }

  /** Missing data bytes of the current entry, to be written with `fill` or `data`. */
  get left(): number {
    return this.#left;
  }

  /** Begins an entry and returns the offset of its data. */
  entry(header: TarHeader): number {
    this.#requireComplete();
    if (!this.#similarHeader(header)) {
      const isWhole = fitsUstar(header);
      if (!isWhole) this.#pax(encodePaxRecords(header));
      const at = this.#header(header);
      if (isWhole) this.#similar.learn(header, this.#buffer, at);
    }
    this.#left = header.type === 'file' ? header.size : 0;
    this.#padding = -this.#left & (BLOCK - 1);
    return this.offset;
  }

  /** Writes data of the current entry. */
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

  /** Calls `read` to put the next data directly into the buffer. Returns the number of bytes read. */
  fill(read: ReadInto): number {
    if (this.#left === 0) throw new MkimageError('internal', 'write tar archive: more data than the entry has');
    if (this.#used === BUFFER_SIZE) this.#flush();
    const count = read(this.#buffer, this.#used, Math.min(this.#left, BUFFER_SIZE - this.#used));
    this.#used += count;
    this.#left -= count;
    if (this.#left === 0) this.#zeros(this.#padding);
    return count;
  }

  /** Writes the two closing blocks of zeros and flushes the buffer. */
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
      writeMajor(this.#buffer, at, header.device.major);
      writeMinor(this.#buffer, at, header.device.minor);
    }
    writeChecksum(this.#buffer, at);
    return at;
  }

  /** Writes one header block without its checksum. Returns its offset in the buffer. */
  #block(header: BlockFields, flag: string): number {
    if (this.#used + BLOCK > BUFFER_SIZE) this.#flush();
    const at = this.#used;
    const block = this.#buffer;
    block.fill(0, at, at + BLOCK);
    writePath(block, at, header.path);
    writeMode(block, at, header.mode);
    writeUid(block, at, header.uid);
    writeGid(block, at, header.gid);
    writeSize(block, at, header.size);
    writeMtime(block, at, header.mtime);
    block[at + 156] = flag.charCodeAt(0);
    block.set(MAGIC, at + 257);
    writeMajor(block, at, 0);
    writeMinor(block, at, 0);
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

type BlockFields = Pick<TarHeader, 'path' | 'mode' | 'uid' | 'gid' | 'size' | 'mtime'>;

/** Returns true if the header needs no pax records. */
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

/** Encodes the records for values that do not fit the ustar header, in a fixed order. */
function encodePaxRecords(header: TarHeader): Buffer {
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

/** A pax key ends at the first `=`, so an attribute's name must not contain one. */
function requireRecordable(name: string, path: string): void {
  if (!name.includes('=') && name !== '') return;
  throw new MkimageError('unsupported', `write tar archive: extended attribute \`${name}\` of \`${path}\``, {
    hint: 'a tar archive cannot hold an attribute whose name has an equals sign',
  });
}
