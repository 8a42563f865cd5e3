/** Decodes a header block and the extended headers before it to an entry. */
import { MkimageError } from '../errors.ts';
import {
  BLOCK,
  checksumOf,
  createArchiveError,
  FIELD,
  type Field,
  readNumber,
  signedChecksumOf,
  type TarEntry,
  type TarType,
} from './header.ts';
import { textOfBytes } from './path-text.ts';
import { type PaxRecords, XATTR_PREFIX } from './pax.ts';

type Metadata = 'pax' | 'pax-global' | 'long-name' | 'long-link';

/** The content of the extended headers before an entry. */
export interface ExtendedHeaders {
  readonly pax: PaxRecords | undefined;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
  readonly offset: number;
}

/** One header block, without the extended headers before it. */
export interface RawHeader {
  readonly type: TarType | Metadata;
  readonly size: number;
  /** Returns the entry. Values of the extended headers replace those of the block. Throws `invalid-archive`, `unsupported`. */
  toEntry(extended: ExtendedHeaders): TarEntry;
}

const METADATA: Readonly<Record<string, Metadata>> = {
  x: 'pax',
  g: 'pax-global',
  L: 'long-name',
  K: 'long-link',
};

const TYPES: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file', // a contiguous file: all readers treat it as an ordinary file
};

export function isMetadata(type: RawHeader['type']): type is Metadata {
  return type === 'pax' || type === 'pax-global' || type === 'long-name' || type === 'long-link';
}

/** Returns true if the bytes start with the header of an entry. Tests the checksum, because the v7 format has no magic bytes. */
export function startsWithHeader(bytes: Buffer): boolean {
  if (bytes.length < BLOCK || isZero(bytes, 0)) return false;
  try {
    verifyChecksum(bytes, 0);
    return true;
  } catch {
    return false;
  }
}

/** Decodes the block at `at`; undefined if it is all zeros. Throws `invalid-archive`. */
export function decodeHeader(block: Buffer, at: number): RawHeader | undefined {
  if (block[at] === 0 && isZero(block, at)) return undefined;
  verifyChecksum(block, at);
  const flag = String.fromCharCode(block[at + 156]!);
  const size = readNumber(block, at, FIELD.size);
  if (size < 0) throw createArchiveError('an entry has a negative size');
  const metadata = METADATA[flag];
  if (metadata !== undefined) return { type: metadata, size, toEntry: refuseMetadata };
  return { type: decodeType(flag, block, at), size, toEntry: (extended) => decodeEntry(block, at, extended) };
}

function isZero(block: Buffer, at: number): boolean {
  for (let index = at; index < at + BLOCK; index++) if (block[index] !== 0) return false;
  return true;
}

function verifyChecksum(block: Buffer, at: number): void {
  const claimed = readNumber(block, at, FIELD.checksum);
  if (claimed === checksumOf(block, at) || claimed === signedChecksumOf(block, at)) return;
  throw createArchiveError('a header has a wrong checksum');
}

function refuseMetadata(): never {
  throw new MkimageError('internal', 'read tar archive: a metadata header is not an entry');
}

function decodeType(flag: string, block: Buffer, at: number): TarType {
  if (flag === 'S') throw createSparseError();
  const type = TYPES[flag];
  if (type === undefined) {
    const name = readText(block, at, FIELD.name);
    throw createArchiveError(`\`${name}\` has the unknown type \`${JSON.stringify(flag).slice(1, -1)}\``);
  }
  return type;
}

function createSparseError(): MkimageError {
  return new MkimageError('unsupported', 'read tar archive: sparse files are not supported', {
    hint: 'make the archive without `--sparse`',
  });
}

function decodeEntry(block: Buffer, at: number, extended: ExtendedHeaders): TarEntry {
  const pax = extended.pax;
  const path = extended.longName ?? findText(pax, 'path') ?? readPath(block, at);
  const flag = block[at + 156]!;
  const type = correctType(decodeType(String.fromCharCode(flag), block, at), flag, path);
  if (pax !== undefined) refuseSparse(pax);
  const link = extended.longLink ?? findText(pax, 'linkpath') ?? readText(block, at, FIELD.linkname);
  const xattrs = pax === undefined ? undefined : decodeXattrs(pax);
  return {
    path,
    type,
    mode: readNumber(block, at, FIELD.mode) & 0o7777,
    uid: requireId(findNumber(pax, 'uid') ?? readNumber(block, at, FIELD.uid)),
    gid: requireId(findNumber(pax, 'gid') ?? readNumber(block, at, FIELD.gid)),
    size: type === 'file' ? requireSize(findNumber(pax, 'size') ?? readNumber(block, at, FIELD.size)) : 0,
    mtime: Math.floor(findNumber(pax, 'mtime') ?? readNumber(block, at, FIELD.mtime)),
    offset: extended.offset,
    ...(type === 'symlink' || type === 'hardlink' ? { linkname: link } : {}),
    ...(type === 'char' || type === 'block' ? { device: readDevice(block, at) } : {}),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

/** In formats older than ustar, a directory is an entry whose path ends with a slash. */
function correctType(type: TarType, flag: number, path: string): TarType {
  return flag === 0 && path.endsWith('/') ? 'directory' : type;
}

/** GNU's pax sparse formats 0.0, 0.1 and 1.0 all use these keys. Reading the files as plain files would give wrong bytes. */
function refuseSparse(pax: PaxRecords): void {
  for (const key of pax.keys()) if (key.startsWith('GNU.sparse.')) throw createSparseError();
}

function readPath(block: Buffer, at: number): string {
  const name = readText(block, at, FIELD.name);
  // GNU's magic is `ustar  `. In that format the prefix field contains times and offsets.
  const posix = block.toString('latin1', at + 257, at + 263) === 'ustar\0';
  if (!posix || block[at + FIELD.prefix[0]] === 0) return name;
  const star = block.toString('latin1', at + 508, at + 512) === 'tar\0';
  return `${readText(block, at, star ? [FIELD.prefix[0], 131] : FIELD.prefix)}/${name}`;
}

function readText(block: Buffer, at: number, [start, length]: Field): string {
  let end = at + start;
  while (end < at + start + length && block[end] !== 0) end++;
  return textOfBytes(block.subarray(at + start, end));
}

/** Returns undefined for an empty value too: then the value of the block counts. */
function findText(pax: PaxRecords | undefined, key: string): string | undefined {
  const value = pax?.get(key);
  if (value === undefined || value.length === 0) return undefined;
  if (value.includes(0)) throw createArchiveError(`a pax \`${key}\` contains a NUL`);
  return textOfBytes(value);
}

function findNumber(pax: PaxRecords | undefined, key: string): number | undefined {
  const text = findText(pax, key);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,16}(\.\d*)?$/.test(text)) throw createArchiveError(`a pax \`${key}\` is not a number`);
  return Number(text);
}

/** The kernel's ids have 32 bits, and 2^32-1 means "no id". */
function requireId(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32 - 1) return value;
  throw createArchiveError(`\`${value}\` is not a user or group id`);
}

function requireSize(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw createArchiveError(`\`${value}\` is not a size`);
}

/** Linux device numbers have 12 and 20 bits. */
function readDevice(block: Buffer, at: number): { major: number; minor: number } {
  const major = readNumber(block, at, FIELD.major);
  const minor = readNumber(block, at, FIELD.minor);
  if (major >= 0 && major < 1 << 12 && minor >= 0 && minor < 1 << 20) return { major, minor };
  throw createArchiveError(`\`${major}:${minor}\` is not a device number`);
}

function decodeXattrs(pax: PaxRecords): Record<string, string> | undefined {
  let xattrs: Record<string, string> | undefined;
  for (const [key, value] of pax) {
    if (!key.startsWith(XATTR_PREFIX) || value.length === 0) continue;
    xattrs ??= {};
    xattrs[key.slice(XATTR_PREFIX.length)] = value.toString('base64');
  }
  return xattrs;
}
