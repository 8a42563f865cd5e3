/**
 * The file format of a stat cache. It is fast to load: numbers and digests are views of the file, only paths are parsed.
 *
 *     "mkstat-1" · u32 rows · u32 bytes of text · sha256 of all that follows (32 bytes)
 *     f64 × 6 a row: device, inode, size, mtime (ms), ctime (ms), mode
 *     32 bytes a row: sha256 of the content
 *     u8 a row: flags · u8 a row: number of saves since its last use
 *     text: paths, each ended by NUL, then JSON of { path: extended attributes }
 *
 * Numbers have the byte order of the machine. On a machine with the other byte order the file counts as an empty cache.
 */
import { createHash } from 'node:crypto';
import type { Digest } from '../../oci/index.ts';
import type { FileStamp } from './file-stamp.ts';

export type Xattrs = Readonly<Record<string, string>>;

export interface StatRow {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly digest: Digest | undefined;
  /** undefined: unknown; `{}`: none. */
  readonly xattrs: Xattrs | undefined;
  readonly age: number;
}

export interface StatTable {
  readonly rows: ReadonlyMap<string, number>;
  /** The path of each row. */
  readonly paths: readonly string[];
  readonly numbers: Float64Array;
  readonly digests: Buffer;
  readonly flags: Uint8Array;
  readonly ages: Uint8Array;
  readonly xattrs: Readonly<Record<string, Xattrs>>;
}

const MAGIC = 'mkstat-1';
const HEADER = MAGIC.length + 4 + 4 + 32;
const NUMBERS = 6;
const DIGEST = 32;
const FIRST_ROWS = 64;
/** This many paths are converted to bytes together. */
const PIECE = 1024;
export const FLAG = { digest: 1, xattrs: 2 } as const;

/** Collects rows in growing columns, because a context can have hundreds of thousands of files. */
export class StatRows {
  readonly #paths: string[] = [];
  readonly #xattrs = new Map<number, Xattrs>();
  #numbers: Float64Array<ArrayBuffer>;
  #digests: Buffer<ArrayBuffer>;
  #flags: Buffer<ArrayBuffer>;
  #ages: Buffer<ArrayBuffer>;

  /** `capacity`: the expected number of rows. */
  constructor(capacity = FIRST_ROWS) {
    const rows = Math.max(capacity, FIRST_ROWS);
    this.#numbers = new Float64Array(rows * NUMBERS);
    this.#digests = Buffer.alloc(rows * DIGEST);
    this.#flags = Buffer.alloc(rows);
    this.#ages = Buffer.alloc(rows);
  }

  get size(): number {
    return this.#paths.length;
  }

  /** Adds a row and returns its number. */
  add({ path, stamp, digest, xattrs, age }: StatRow): number {
    const row = this.#paths.push(path) - 1;
    if (row === this.#flags.length) this.#grow();
    writeStamp(this.#numbers, row * NUMBERS, stamp);
    this.#ages[row] = age;
    if (digest !== undefined) this.setDigest(row, digest);
    if (xattrs !== undefined) this.setXattrs(row, xattrs);
    return row;
  }

  path(row: number): string {
    return this.#paths[row]!;
  }

  stamp(row: number): FileStamp {
    return stampIn(this.#numbers, row);
  }

  digest(row: number): Digest | undefined {
    return (this.#flags[row]! & FLAG.digest) === 0 ? undefined : digestIn(this.#digests, row);
  }

  xattrs(row: number): Xattrs | undefined {
    return this.#xattrs.get(row);
  }

  setDigest(row: number, digest: Digest): void {
    this.#digests.write(digest.slice('sha256:'.length), row * DIGEST, 'hex');
    this.#flags[row]! |= FLAG.digest;
  }

  setXattrs(row: number, xattrs: Xattrs): void {
    this.#xattrs.set(row, xattrs);
    this.#flags[row]! |= FLAG.xattrs;
  }

  /** The file with these rows, in pieces. */
  encode(): readonly Buffer[] {
    const count = this.size;
    const text = this.#text();
    const body = [
      Buffer.from(this.#numbers.buffer, 0, count * NUMBERS * 8),
      this.#digests.subarray(0, count * DIGEST),
      this.#flags.subarray(0, count),
      this.#ages.subarray(0, count),
      ...text,
    ];
    const header = Buffer.alloc(HEADER);
    header.write(MAGIC);
    header.writeUInt32LE(count, MAGIC.length);
    header.writeUInt32LE(
      text.reduce((sum, { length }) => sum + length, 0),
      MAGIC.length + 4,
    );
    sha256(body).copy(header, HEADER - DIGEST);
    return [header, ...body];
  }

  #text(): readonly Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0; at < this.size; at += PIECE) {
      pieces.push(Buffer.from(`${this.#paths.slice(at, at + PIECE).join('\0')}\0`));
    }
    const xattrs: Record<string, Xattrs> = {};
    for (const [row, found] of this.#xattrs) if (Object.keys(found).length > 0) xattrs[this.#paths[row]!] = found;
    return [...pieces, Buffer.from(JSON.stringify(xattrs))];
  }

  #grow(): void {
    const rows = this.#flags.length * 2;
    const numbers = new Float64Array(rows * NUMBERS);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#digests = grown(this.#digests, rows * DIGEST);
    this.#flags = grown(this.#flags, rows);
    this.#ages = grown(this.#ages, rows);
  }
}

/** Reads the table of a file; undefined if it is damaged, foreign or of another version. */
export function decodeStatTable(file: Buffer): StatTable | undefined {
  if (file.length < HEADER || file.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const count = file.readUInt32LE(MAGIC.length);
  const textBytes = file.readUInt32LE(MAGIC.length + 4);
  const body = file.subarray(HEADER);
  const fixed = count * (NUMBERS * 8 + DIGEST + 2);
  if (body.length !== fixed + textBytes || !sha256([body]).equals(file.subarray(HEADER - DIGEST, HEADER)))
    return undefined;
  const digestsAt = count * NUMBERS * 8;
  const flagsAt = digestsAt + count * DIGEST;
  const paths = body.toString('utf8', fixed).split('\0');
  const rows = new Map<string, number>();
  for (let index = 0; index < count; index++) rows.set(paths[index]!, index);
  return {
    rows,
    paths,
    numbers: new Float64Array(Uint8Array.prototype.slice.call(body, 0, digestsAt).buffer),
    digests: body.subarray(digestsAt, flagsAt),
    flags: body.subarray(flagsAt, flagsAt + count),
    ages: body.subarray(flagsAt + count, fixed),
    xattrs: JSON.parse(paths[count] ?? '{}') as Record<string, Xattrs>,
  };
}

/** True if a file is an undamaged table. */
export function isStatTable(file: Buffer): boolean {
  return decodeStatTable(file) !== undefined;
}

/** The row of a path if its stamp matches. */
export function findRow(table: StatTable, path: string, stamp: FileStamp): number | undefined {
  const row = table.rows.get(path);
  if (row === undefined) return undefined;
  const { numbers } = table;
  const at = row * NUMBERS;
  const same =
    numbers[at + 1] === stamp.ino &&
    numbers[at + 2] === stamp.size &&
    numbers[at + 3] === stamp.mtimeMs &&
    numbers[at + 4] === stamp.ctimeMs &&
    numbers[at + 5] === stamp.mode &&
    numbers[at] === stamp.dev;
  return same ? row : undefined;
}

export function digestOfRow(table: StatTable, row: number): Digest | undefined {
  if ((table.flags[row]! & FLAG.digest) === 0) return undefined;
  return digestIn(table.digests, row);
}

export function xattrsOfRow(table: StatTable, row: number, path: string): Xattrs | undefined {
  return (table.flags[row]! & FLAG.xattrs) === 0 ? undefined : (table.xattrs[path] ?? {});
}

/** The stamp of a row. */
export function stampOfRow(table: StatTable, row: number): FileStamp {
  return stampIn(table.numbers, row);
}

function stampIn(numbers: Float64Array, row: number): FileStamp {
  const [dev, ino, size, mtimeMs, ctimeMs, mode] = numbers.subarray(row * NUMBERS, (row + 1) * NUMBERS);
  return { dev: dev!, ino: ino!, size: size!, mtimeMs: mtimeMs!, ctimeMs: ctimeMs!, mode: mode! };
}

function writeStamp(numbers: Float64Array, at: number, stamp: FileStamp): void {
  numbers[at] = stamp.dev;
  numbers[at + 1] = stamp.ino;
  numbers[at + 2] = stamp.size;
  numbers[at + 3] = stamp.mtimeMs;
  numbers[at + 4] = stamp.ctimeMs;
  numbers[at + 5] = stamp.mode;
}

function digestIn(digests: Buffer, row: number): Digest {
  return `sha256:${digests.toString('hex', row * DIGEST, (row + 1) * DIGEST)}`;
}

function grown(column: Buffer, length: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(length);
  column.copy(larger);
  return larger;
}

function sha256(pieces: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}
