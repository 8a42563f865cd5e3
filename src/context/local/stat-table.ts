/**
 * The file of a stat cache. Read in one go: numbers and digests are views, only paths are taken apart.
 *
 *     "mkstat-1" · u32 rows · u32 bytes of text · sha256 of all that follows (32 bytes)
 *     f64 × 6 a row: device, inode, size, mtime (ms), ctime (ms), mode
 *     32 bytes a row: sha256 of the content
 *     u8 a row: flags · u8 a row: how many saves ago it was last asked for
 *     text: paths, each ended by NUL, then JSON of { path: extended attributes }
 *
 * Numbers stand as this machine writes them; a file from a machine of the other kind only misses.
 */
import { createHash } from 'node:crypto';
import type { Digest } from '../../oci/index.ts';

/** What tells that a file is still the one that was read. `fs.Stats` has all of it. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly mode: number;
}

export type Xattrs = Readonly<Record<string, string>>;

export interface StatRow {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly digest: Digest | undefined;
  /** undefined: never asked; `{}`: there are none. */
  readonly xattrs: Xattrs | undefined;
  readonly age: number;
}

export interface StatTable {
  readonly rows: ReadonlyMap<string, number>;
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
export const FLAG = { digest: 1, xattrs: 2 } as const;

/** The bytes of a file with these rows. */
export function encodeStatTable(rows: readonly StatRow[]): Buffer {
  const count = rows.length;
  const numbers = new Float64Array(count * NUMBERS);
  const digests = Buffer.alloc(count * DIGEST);
  const flags = Buffer.alloc(count);
  const ages = Buffer.alloc(count);
  const xattrs: Record<string, Xattrs> = {};
  for (const [index, row] of rows.entries()) {
    numbers.set(numbersOf(row.stamp), index * NUMBERS);
    if (row.digest !== undefined) digests.write(row.digest.slice('sha256:'.length), index * DIGEST, 'hex');
    flags[index] = (row.digest === undefined ? 0 : FLAG.digest) | (row.xattrs === undefined ? 0 : FLAG.xattrs);
    ages[index] = row.age;
    if (row.xattrs !== undefined && Object.keys(row.xattrs).length > 0) xattrs[row.path] = row.xattrs;
  }
  const text = Buffer.from(`${rows.map((row) => `${row.path}\0`).join('')}${JSON.stringify(xattrs)}`);
  const body = Buffer.concat([Buffer.from(numbers.buffer), digests, flags, ages, text]);
  const header = Buffer.alloc(HEADER);
  header.write(MAGIC);
  header.writeUInt32LE(count, MAGIC.length);
  header.writeUInt32LE(text.length, MAGIC.length + 4);
  sha256(body).copy(header, HEADER - DIGEST);
  return Buffer.concat([header, body]);
}

/** The table in a file, or undefined if it is torn, foreign or of another version. */
export function decodeStatTable(file: Buffer): StatTable | undefined {
  if (file.length < HEADER || file.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const count = file.readUInt32LE(MAGIC.length);
  const textBytes = file.readUInt32LE(MAGIC.length + 4);
  const body = file.subarray(HEADER);
  const fixed = count * (NUMBERS * 8 + DIGEST + 2);
  if (body.length !== fixed + textBytes || !sha256(body).equals(file.subarray(HEADER - DIGEST, HEADER)))
    return undefined;
  const digestsAt = count * NUMBERS * 8;
  const flagsAt = digestsAt + count * DIGEST;
  const paths = body.toString('utf8', fixed).split('\0');
  const rows = new Map<string, number>();
  for (let index = 0; index < count; index++) rows.set(paths[index]!, index);
  return {
    rows,
    numbers: new Float64Array(Uint8Array.prototype.slice.call(body, 0, digestsAt).buffer),
    digests: body.subarray(digestsAt, flagsAt),
    flags: body.subarray(flagsAt, flagsAt + count),
    ages: body.subarray(flagsAt + count, fixed),
    xattrs: JSON.parse(paths[count] ?? '{}') as Record<string, Xattrs>,
  };
}

/** True if a file is a table as it was written. */
export function isStatTable(file: Buffer): boolean {
  return decodeStatTable(file) !== undefined;
}

/** The row of a path if it was written about this very file. */
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
  return `sha256:${table.digests.toString('hex', row * DIGEST, (row + 1) * DIGEST)}`;
}

export function xattrsOfRow(table: StatTable, row: number, path: string): Xattrs | undefined {
  return (table.flags[row]! & FLAG.xattrs) === 0 ? undefined : (table.xattrs[path] ?? {});
}

/** The stamp that a row was written with. */
export function stampOfRow(table: StatTable, row: number): FileStamp {
  const [dev, ino, size, mtimeMs, ctimeMs, mode] = table.numbers.subarray(row * NUMBERS, (row + 1) * NUMBERS);
  return { dev: dev!, ino: ino!, size: size!, mtimeMs: mtimeMs!, ctimeMs: ctimeMs!, mode: mode! };
}

function numbersOf(stamp: FileStamp): readonly number[] {
  return [stamp.dev, stamp.ino, stamp.size, stamp.mtimeMs, stamp.ctimeMs, stamp.mode];
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
