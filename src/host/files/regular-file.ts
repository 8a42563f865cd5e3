import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { openExactly } from './exact-path.ts';

/** A pipe is not waited for, and a terminal does not become ours. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const CHUNK = 64 * 1024;

/** Opens a file for reading. Throws like `node:fs`; `EINVAL` with the reason for a pipe, device, socket or directory. */
function openRegularFile(path: string | Buffer): number {
  return requireRegular(openSync(path, READ), path);
}

/**
 * All bytes of a file. Never waits and always ends: throws as `openRegularFile`, and `EFBIG` if there are more than `most`
 * bytes, whatever size the file claims to have.
 */
export function readRegularFile(path: string | Buffer, most: number): Buffer {
  return readAndClose(openRegularFile(path), path, most);
}

/** The same of a file at a real path, as `openExactly`. */
export function readExactFile(path: string | Buffer, most: number): Buffer {
  return readAndClose(requireRegular(openExactly(path, READ), path), path, most);
}

function requireRegular(descriptor: number, path: string | Buffer): number {
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return descriptor;
  closeSync(descriptor);
  throw fileError('EINVAL', `it is ${kindOf(stats)}, not a file`, path);
}

function readAndClose(descriptor: number, path: string | Buffer, most: number): Buffer {
  try {
    return readToEnd(descriptor, path, most);
  } finally {
    closeSync(descriptor);
  }
}

/** What a person calls a thing that is no regular file. */
export function kindOf(stats: Pick<Stats, 'isFIFO' | 'isDirectory' | 'isSocket' | 'isSymbolicLink'>): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function readToEnd(descriptor: number, path: string | Buffer, most: number): Buffer {
  const { size } = fstatSync(descriptor);
  if (size > most) throw tooLong(path, most);
  const pieces: Buffer[] = [];
  let length = 0;
  // One byte more than announced shows the end; files of /proc announce none.
  for (let wanted = size + 1; ; wanted = CHUNK) {
    const piece = Buffer.allocUnsafe(wanted);
    const count = readSync(descriptor, piece, 0, wanted, null);
    if (count === 0) return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    length += count;
    if (length > most) throw tooLong(path, most);
    pieces.push(piece.subarray(0, count));
  }
}

function tooLong(path: string | Buffer, most: number): NodeJS.ErrnoException {
  return fileError('EFBIG', `it has more than ${most} bytes`, path);
}

function fileError(code: string, why: string, path: string | Buffer): NodeJS.ErrnoException {
  return Object.assign(new Error(why), { code, path: path.toString() });
}
