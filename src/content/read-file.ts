import { readSync } from 'node:fs';

/** Reads from the current position until the buffer is full or the file ends. Returns the number of bytes read. */
export function readFully(descriptor: number, buffer: Uint8Array): number {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** A part of a file. */
export interface FileRange {
  readonly offset: number;
  readonly size: number;
}

const CHUNK = 1 << 20;

/**
 * Yields the bytes of a part of an open file, a mebibyte at a time; fewer than requested if the file ends early. All chunks share
 * one buffer: copy a chunk to keep it.
 */
export function* readChunks(descriptor: number, { offset, size }: FileRange): Iterable<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(size, 1)));
  for (let at = 0; at < size; ) {
    const count = readSync(descriptor, buffer, 0, Math.min(buffer.length, size - at), offset + at);
    if (count === 0) return;
    yield buffer.subarray(0, count);
    at += count;
  }
}
