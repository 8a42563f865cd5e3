/**
 * The 512-byte header block of a tar entry (POSIX.1-2024 pax, "ustar Interchange Format"; GNU's extensions as in its manual).
 *
 *     0 name 100 · 100 mode 8 · 108 uid 8 · 116 gid 8 · 124 size 12 · 136 mtime 12 · 148 checksum 8 · 156 type 1
 *     157 linkname 100 · 257 magic 6 · 263 version 2 · 265 uname 32 · 297 gname 32 · 329 major 8 · 337 minor 8 · 345 prefix 155
 */
import { MkimageError } from '../errors.ts';

export const BLOCK = 512;

export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'fifo' | 'char' | 'block';

/** One entry of an archive. Names are path text (path-text.ts), unchanged and not validated. */
export interface TarHeader {
  readonly path: string;
  readonly type: TarType;
  /** `mode & 0o7777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data; 0 for everything but a file. */
  readonly size: number;
  /** Whole seconds since 1970; fractions are cut off. */
  readonly mtime: number;
  readonly linkname?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Name to value, values base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** An entry with the offset of its data in bytes from the start of the (uncompressed) archive. */
export interface TarEntry extends TarHeader {
  readonly offset: number;
}

/** Field positions: [offset, length]. */
export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  linkname: [157, 100],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, Field>;

export type Field = readonly [offset: number, length: number];

export const TYPE_FLAG: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

const CHECKSUM_START = FIELD.checksum[0];
const CHECKSUM_END = CHECKSUM_START + FIELD.checksum[1];
const SPACES = 8 * 0x20;

/** The sum of the block's bytes, where the checksum field counts as spaces. */
export function checksumOf(block: Buffer, at: number): number {
  let sum = SPACES + sumOf(block, at);
  for (let index = at + CHECKSUM_START; index < at + CHECKSUM_END; index++) sum -= block[index]!;
  return sum;
}

/** Adds four bytes at a time to two sums of 16 bits each. 128 words with bytes up to 255 cannot overflow them. */
function sumOf(block: Buffer, at: number): number {
  const start = block.byteOffset + at;
  if (start % 4 !== 0) return block.subarray(at, at + BLOCK).reduce((sum, byte) => sum + byte, 0);
  const words = new Int32Array(block.buffer, start, BLOCK / 4);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < BLOCK / 4; index++) {
    const word = words[index]!;
    even += word & 0x00ff00ff;
    odd += (word >>> 8) & 0x00ff00ff;
  }
  return (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
}

/** The same sum over signed bytes, as in archives of old Sun tar programs. */
export function signedChecksumOf(block: Buffer, at: number): number {
  let sum = SPACES;
  for (let index = 0; index < BLOCK; index++) {
    if (index < CHECKSUM_START || index >= CHECKSUM_END) sum += (block[at + index]! << 24) >> 24;
  }
  return sum;
}

/** Returns true if the number fits the field as octal digits and a closing NUL. */
export function fitsOctal(value: number, field: Field): boolean {
  return value >= 0 && value < 8 ** (field[1] - 1);
}

/** Writes a number to one field of the header at `at`. */
export type NumberWriter = (block: Buffer, at: number, value: number) => void;

/** Returns a function that writes zero-padded octal digits. It does not change the field's last byte (NUL). */
export function createOctalWriter([start, length]: Field): NumberWriter {
  const last = start + length - 2;
  return (block, at, value) => {
    let rest = value;
    for (let index = at + last; index >= at + start; index--) {
      block[index] = 0x30 + (rest % 8);
      rest = Math.floor(rest / 8);
    }
  };
}

/** Writes the six digits of the checksum. */
export const writeChecksumDigits = createOctalWriter([FIELD.checksum[0], 7]);

/** Reads octal text (spaces and NULs around it) or GNU's base-256. Throws `invalid-archive`. */
export function readNumber(block: Buffer, at: number, field: Field): number {
  const start = at + field[0];
  return (block[start]! & 0x80) === 0 ? readOctal(block, start, field[1]) : readBase256(block, start, field[1]);
}

function readOctal(block: Buffer, start: number, length: number): number {
  let value = 0;
  let index = start;
  const end = start + length;
  while (index < end && isBlank(block[index]!)) index++;
  for (; index < end && !isBlank(block[index]!); index++) {
    const digit = block[index]! - 0x30;
    if (digit < 0 || digit > 7) throw createNumberError();
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0;
}

/** Two's complement, big endian. The top bit of the first byte only marks the number as binary. */
function readBase256(block: Buffer, start: number, length: number): number {
  const negative = (block[start]! & 0x40) !== 0;
  let value = negative ? -1n : 0n;
  for (let index = 0; index < length; index++) {
    const byte = block[start + index]!;
    value = (value << 8n) | BigInt(index === 0 ? (negative ? byte | 0x80 : byte & 0x7f) : byte);
  }
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) throw createNumberError();
  return Number(value);
}

function createNumberError(): MkimageError {
  return createArchiveError('a number in a header is malformed');
}

/** Creates the error for a damaged archive. */
export function createArchiveError(detail: string): MkimageError {
  return new MkimageError('invalid-archive', `read tar archive: ${detail}`);
}
