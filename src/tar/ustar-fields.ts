/** Writes single fields of a header block. */
import {
  checksumOf,
  createOctalWriter,
  FIELD,
  type Field,
  fitsOctal,
  type NumberWriter,
  writeChecksumDigits,
} from './header.ts';
import { bytesOfText } from './path-text.ts';

const PLAIN = /^[\x01-\x7f]*$/;

/** The returned function writes 0 for a number that does not fit, because such a number is written to the pax header. */
function createFittingWriter(field: Field): NumberWriter {
  const write = createOctalWriter(field);
  return (block, at, value) => write(block, at, fitsOctal(value, field) ? value : 0);
}

export const writeMode = createOctalWriter(FIELD.mode);
export const writeUid = createFittingWriter(FIELD.uid);
export const writeGid = createFittingWriter(FIELD.gid);
export const writeSize = createFittingWriter(FIELD.size);
export const writeMtime = createFittingWriter(FIELD.mtime);
export const writeMajor = createOctalWriter(FIELD.major);
export const writeMinor = createOctalWriter(FIELD.minor);

/** Writes six octal digits, a NUL and a space. */
export function writeChecksum(block: Buffer, at: number): void {
  const [start, length] = FIELD.checksum;
  block.fill(0, at + start, at + start + length);
  const sum = checksumOf(block, at);
  writeChecksumDigits(block, at, sum);
  block[at + start + length - 1] = 0x20;
}

/** A path that does not fit name and prefix is written to the pax header. The name field gets its start, for readers without pax. */
export function writePath(block: Buffer, at: number, path: string): void {
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

export function fitsName(text: string): boolean {
  return text.length <= FIELD.name[1] && PLAIN.test(text);
}

/** Returns the position of the slash where a path can be split into ustar's prefix and name, or undefined. */
export function splitPath(path: string): number | undefined {
  if (path.length > 256 || !PLAIN.test(path)) return undefined;
  const last = path.endsWith('/') ? path.length - 2 : path.length - 1;
  const slash = path.lastIndexOf('/', Math.min(last, FIELD.prefix[1]));
  return slash > 0 && path.length - slash - 1 <= FIELD.name[1] ? slash : undefined;
}
