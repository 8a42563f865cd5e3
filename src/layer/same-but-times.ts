import type { FileLocation } from '../content/index.ts';
import { ContentReader } from './content-reader.ts';
import type { IndexColumns, LayerEntry, LayerIndex } from './layer-index.ts';

const CHUNK = 256 << 10;

/** True if two layers put, hide and link the same, however old; what is in the files is another matter. */
export function sameListingButTimes(one: LayerIndex, other: LayerIndex): boolean {
  return one.size === other.size && described(one.columns) === described(other.columns);
}

function described(columns: IndexColumns): string {
  const { format: _format, diffId: _diffId, size: _size, mtimes: _mtimes, ...rest } = columns;
  return JSON.stringify(rest);
}

/** A file of one layer and the same of another, and where their bytes are. */
export interface FilePair {
  readonly entry: LayerEntry;
  readonly places: readonly [FileLocation, FileLocation];
}

/** Compares files byte by byte; they have the same sizes. */
export async function sameContents(pairs: AsyncIterable<FilePair>): Promise<boolean> {
  using readers = new Readers();
  for await (const pair of pairs) if (!readers.agreeOn(pair)) return false;
  return true;
}

class Readers implements Disposable {
  readonly #readers = [new ContentReader(), new ContentReader()] as const;
  readonly #buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;

  agreeOn({ entry, places }: FilePair): boolean {
    const [one, other] = [0, 1].map((side) => this.#readers[side]!.open(entry, places[side]!));
    for (let left = entry.size; left > 0; ) {
      const length = Math.min(left, CHUNK);
      for (const [read, buffer] of [
        [one!, this.#buffers[0]],
        [other!, this.#buffers[1]],
      ] as const) {
        for (let at = 0; at < length; ) at += read(buffer, at, length - at);
      }
      if (this.#buffers[0].compare(this.#buffers[1], 0, length, 0, length) !== 0) return false;
      left -= length;
    }
    return true;
  }

  [Symbol.dispose](): void {
    for (const reader of this.#readers) reader.close();
  }
}
