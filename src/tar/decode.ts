/** From a header block, and the extended headers before it, to an entry. */
import { MkimageError } from '../errors.ts';
import {
  BLOCK,
  checksumOf,
  FIELD,
  type Field,
  invalidArchive,
  readNumber,
  signedChecksumOf,
  type TarEntry,
  type TarType,
} from './header.ts';
import { textOfBytes } from './path-text.ts';
import { type PaxRecords, XATTR_PREFIX } from './pax.ts';

type Metadata = 'pax' | 'pax-global' | 'long-name' | 'long-link';

/** What stood before an entry and speaks about it. */
export interface Prelude {
  readonly pax: PaxRecords | undefined;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
  readonly offset: number;
}

/** A header block on its own. */
export interface RawHeader {
  readonly type: TarType | Metadata;
  readonly size: number;
  /** The entry, with what the extended headers say put over the block. Throws `invalid-archive`, `unsupported`. */
  complete(prelude: Prelude): TarEntry;
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
  '7': 'file', // contiguous file: no one treats it otherwise
};

export function isMetadata(type: RawHeader['type']): type is Metadata {
  return type === 'pax' || type === 'pax-global' || type === 'long-name' || type === 'long-link';
}

/** True if the bytes begin with the header of an entry: its checksum tells, in formats without a mark (v7) as in others. */
export function startsWithHeader(bytes: Buffer): boolean {
  if (bytes.length < BLOCK || isZero(bytes, 0)) return false;
  try {
    verifyChecksum(bytes, 0);
    return true;
  } catch {
    return false;
  }
}

/** The block at `at`, or undefined if it is all zeros. Throws `invalid-archive`. */
export function decodeHeader(block: Buffer, at: number): RawHeader | undefined {
  if (block[at] === 0 && isZero(block, at)) return undefined;
  verifyChecksum(block, at);
  const flag = String.fromCharCode(block[at + 156]!);
  const size = readNumber(block, at, FIELD.size);
  if (size < 0) throw invalidArchive('an entry has a negative size');
  const metadata = METADATA[flag];
  if (metadata !== undefined) return { type: metadata, size, complete: notAnEntry };
  return { type: typeOf(flag, block, at), size, complete: (prelude) => entryOf(block, at, prelude) };
}

function isZero(block: Buffer, at: number): boolean {
  for (let index = at; index < at + BLOCK; index++) if (block[index] !== 0) return false;
  return true;
}

function verifyChecksum(block: Buffer, at: number): void {
  const claimed = readNumber(block, at, FIELD.checksum);
  if (claimed === checksumOf(block, at) || claimed === signedChecksumOf(block, at)) return;
  throw invalidArchive('a header has a wrong checksum');
}

function notAnEntry(): never {
  throw new MkimageError('internal', 'read tar archive: a metadata header is no entry');
}

function typeOf(flag: string, block: Buffer, at: number): TarType {
  if (flag === 'S') throw sparse();
  const type = TYPES[flag];
  if (type === undefined) {
    const name = textField(block, at, FIELD.name);
    throw invalidArchive(`\`${name}\` has the unknown type \`${JSON.stringify(flag).slice(1, -1)}\``);
  }
  return type;
}

function sparse(): MkimageError {
  return new MkimageError('unsupported', 'read tar archive: it holds sparse files', {
    hint: 'make the archive without `--sparse`',
  });
}

function entryOf(block: Buffer, at: number, prelude: Prelude): TarEntry {
  const pax = prelude.pax;
  const path = prelude.longName ?? textRecord(pax, 'path') ?? pathField(block, at);
  const type = fileType(typeOf(String.fromCharCode(block[at + 156]!), block, at), block[at + 156]!, path);
  if (pax !== undefined) refuseSparse(pax);
  const link = prelude.longLink ?? textRecord(pax, 'linkpath') ?? textField(block, at, FIELD.linkname);
  const xattrs = pax === undefined ? undefined : xattrsOf(pax);
  return {
    path,
    type,
    mode: readNumber(block, at, FIELD.mode) & 0o7777,
    uid: idOf(numberRecord(pax, 'uid') ?? readNumber(block, at, FIELD.uid)),
    gid: idOf(numberRecord(pax, 'gid') ?? readNumber(block, at, FIELD.gid)),
    size: type === 'file' ? sizeOf(numberRecord(pax, 'size') ?? readNumber(block, at, FIELD.size)) : 0,
    mtime: Math.floor(numberRecord(pax, 'mtime') ?? readNumber(block, at, FIELD.mtime)),
    offset: prelude.offset,
    ...(type === 'symlink' || type === 'hardlink' ? { linkname: link } : {}),
    ...(type === 'char' || type === 'block' ? { device: deviceOf(block, at) } : {}),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

/** Archives from before ustar mark a directory by a closing slash. */
function fileType(type: TarType, flag: number, path: string): TarType {
  return flag === 0 && path.endsWith('/') ? 'directory' : type;
}

/** GNU's pax sparse formats 0.0, 0.1 and 1.0 all set keys of this name; read as plain files they would give wrong bytes. */
function refuseSparse(pax: PaxRecords): void {
  for (const key of pax.keys()) if (key.startsWith('GNU.sparse.')) throw sparse();
}

function pathField(block: Buffer, at: number): string {
  const name = textField(block, at, FIELD.name);
  // GNU's magic is `ustar  `: there the prefix field holds times and offsets.
  const posix = block.toString('latin1', at + 257, at + 263) === 'ustar\0';
  if (!posix || block[at + FIELD.prefix[0]] === 0) return name;
  const star = block.toString('latin1', at + 508, at + 512) === 'tar\0';
  return `${textField(block, at, star ? [FIELD.prefix[0], 131] : FIELD.prefix)}/${name}`;
}

function textField(block: Buffer, at: number, [start, length]: Field): string {
  let end = at + start;
  while (end < at + start + length && block[end] !== 0) end++;
  return textOfBytes(block.subarray(at + start, end));
}

/** An empty value leaves what the block says. */
function textRecord(pax: PaxRecords | undefined, key: string): string | undefined {
  const value = pax?.get(key);
  if (value === undefined || value.length === 0) return undefined;
  if (value.includes(0)) throw invalidArchive(`a pax \`${key}\` holds a NUL`);
  return textOfBytes(value);
}

function numberRecord(pax: PaxRecords | undefined, key: string): number | undefined {
  const text = textRecord(pax, key);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,16}(\.\d*)?$/.test(text)) throw invalidArchive(`a pax \`${key}\` is no number`);
  return Number(text);
}

/** Ids are 32 bits wide in the kernel; 2^32-1 means "no id" there. */
function idOf(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32 - 1) return value;
  throw invalidArchive(`\`${value}\` is no user or group id`);
}

function sizeOf(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidArchive(`\`${value}\` is no size`);
}

/** Device numbers of Linux: 12 and 20 bits. */
function deviceOf(block: Buffer, at: number): { major: number; minor: number } {
  const major = readNumber(block, at, FIELD.major);
  const minor = readNumber(block, at, FIELD.minor);
  if (major >= 0 && major < 1 << 12 && minor >= 0 && minor < 1 << 20) return { major, minor };
  throw invalidArchive(`\`${major}:${minor}\` is no device number`);
}

function xattrsOf(pax: PaxRecords): Record<string, string> | undefined {
  let xattrs: Record<string, string> | undefined;
  for (const [key, value] of pax) {
    if (!key.startsWith(XATTR_PREFIX) || value.length === 0) continue;
    xattrs ??= {};
    xattrs[key.slice(XATTR_PREFIX.length)] = value.toString('base64');
  }
  return xattrs;
}
