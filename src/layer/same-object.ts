/** Decides if an object is unchanged, by the rules of BuildKit's differ. */
import { setImmediate as eventLoop } from 'node:timers/promises';
import type { FileEntry, FileLocation } from '../content/index.ts';
import { ContentReader } from './content-reader.ts';
import { portableXattr } from './write.ts';

const CHUNK = 1 << 20;

/**
 * Returns true if two objects have the same attributes in a layer. Does not compare content. Ignores the time of a directory, because
 * it changes whenever an entry is added or removed.
 */
export function sameAttributes(one: FileEntry, other: FileEntry): boolean {
  return (
    one.type === other.type &&
    one.mode === other.mode &&
    one.uid === other.uid &&
    one.gid === other.gid &&
    one.size === other.size &&
    (one.type === 'directory' || one.mtime === other.mtime) &&
    one.linkname === other.linkname &&
    one.device?.major === other.device?.major &&
    one.device?.minor === other.device?.minor &&
    portableXattr(one) === portableXattr(other)
  );
}

/** Returns true if two files of the same size have the same bytes. Does not block the event loop. Throws `source-missing` if one ends early. */
export async function sameContent(entry: FileEntry, one: FileLocation, other: FileLocation): Promise<boolean> {
  if (isSamePlace(one, other)) return true;
  const [first, second] = [new ContentReader(), new ContentReader()];
  try {
    const readers = [first.open(entry, one), second.open(entry, other)] as const;
    const length = Math.min(entry.size, CHUNK);
    const buffers = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(length)] as const;
    for (let left = entry.size; left > 0; left -= length) {
      const wanted = Math.min(length, left);
      fill(readers[0], buffers[0], wanted);
      fill(readers[1], buffers[1], wanted);
      if (buffers[0].compare(buffers[1], 0, wanted, 0, wanted) !== 0) return false;
      if (left > wanted) await eventLoop();
    }
    return true;
  } finally {
    first.close();
    second.close();
  }
}

function isSamePlace(one: FileLocation, other: FileLocation): boolean {
  return one.kind === 'host' && other.kind === 'host' && one.file === other.file && one.offset === other.offset;
}

function fill(read: ReturnType<ContentReader['open']>, buffer: Buffer, length: number): void {
  for (let at = 0; at < length; ) at += read(buffer, at, length - at);
}
