import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { openExactly } from './exact-path.ts';

/** Opening must not block on a pipe, and must not take over a terminal. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const CHUNK = 64 * 1024;

/** Opens a file for reading. Throws like `node:fs`; `EINVAL` with a reason for a pipe, device, socket or directory. */
function openRegularFile(path: string | Buffer): number {
  return requireRegular(openSync(path, READ), path);
}

/**
 * Reads all bytes of a file. Never blocks and always ends. Throws like `openRegularFile`, and `EFBIG` if there are more than `most`
 * bytes, whatever size the file reports.
 */
export function readRegularFile(path: string | Buffer, most: number): Buffer {
  return readAndClose(openRegularFile(path), path, most);
}

/** The same for a file at a real path, like `openExactly`. */
export function readExactFile(path: string | Buffer, most: number): Buffer {
  return readAndClose(requireRegular(openExactly(path, READ), path), path, most);
}

function requireRegular(descriptor: number, path: string | Buffer): number {
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return descriptor;
  closeSync(descriptor);
  throw createFileError('EINVAL', `it is ${kindOf(stats)}, not a file`, path);
}

function readAndClose(descriptor: number, path: string | Buffer, most: number): Buffer {
  try {
    return readToEnd(descriptor, path, most);
  } finally {
    closeSync(descriptor);
  }
}

/** Describes an object that is not a regular file, for messages. */
export function kindOf(stats: Pick<Stats, 'isFIFO' | 'isDirectory' | 'isSocket' | 'isSymbolicLink'>): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function readToEnd(descriptor: number, path: string | Buffer, most: number): Buffer {
  const { size } = fstatSync(descriptor);
  if (size > most) throw createSizeError(path, most);
  const pieces: Buffer[] = [];
  let length = 0;
  // One byte more than the reported size detects the end. Files of /proc report the size 0.
  for (let request = size + 1; ; request = CHUNK) {
    const piece = Buffer.allocUnsafe(request);
    const count = readSync(descriptor, piece, 0, request, null);
    if (count === 0) return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    length += count;
    if (length > most) throw createSizeError(path, most);
    pieces.push(piece.subarray(0, count));
  }
}

function createSizeError(path: string | Buffer, most: number): NodeJS.ErrnoException {
  return createFileError('EFBIG', `it has more than ${most} bytes`, path);
}

function createFileError(code: string, why: string, path: string | Buffer): NodeJS.ErrnoException {
  return Object.assign(new Error(why), { code, path: path.toString() });
}
