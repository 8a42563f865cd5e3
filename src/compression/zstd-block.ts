/**
 * Decodes the compressed blocks of one zstd frame with fzstd. The stream reader of fzstd copies the whole window for every block, so
 * a few bytes of input can cause megabytes of copying; and it allocates as much memory as the header says. So this module keeps the
 * window itself: the window grows with the output, and fzstd gets one block at a time.
 */
import type { Decompress as FzstdReader } from 'fzstd';
import { BLOCK_LIMIT } from './zstd-header.ts';

/** Internal fields of fzstd 0.1.1: `s` is the frame (`w` its window, `e` the window's length), `c` the incomplete input. */
interface Reader {
  push(chunk: Uint8Array): void;
  readonly s: { w: Uint8Array; e: number };
  c: Uint8Array[];
}

/** The start of a frame with a window of 128 KiB, and four empty blocks, because the reader waits for 18 bytes. */
const BEGINNING = Buffer.from('28b52ffd0038'.concat('000000'.repeat(4)), 'hex');
/** Replaces the window while fzstd copies it, so that the copy is small. */
const SCRATCH = new Uint8Array(2 * BLOCK_LIMIT);

/** Decodes compressed blocks, which refer to the earlier output of the frame. */
export class ZstdBlocks {
  readonly #makeReader: typeof FzstdReader;
  readonly #window: Window;
  /** Created for the first compressed block. */
  #reader: Reader | undefined;
  #output: Uint8Array | undefined;

  constructor(makeReader: typeof FzstdReader, window: number) {
    this.#makeReader = makeReader;
    this.#window = new Window(window);
  }

  /** Decodes the content of a block. Throws if it is malformed. */
  decode(content: Uint8Array): Uint8Array {
    this.#reader ??= this.#begin();
    const { s: frame } = this.#reader;
    frame.w = this.#window.view();
    frame.e = frame.w.length;
    this.#output = undefined;
    this.#reader.push(withHeader(content));
    this.#reader.c = [];
    const output = this.#output as Uint8Array | undefined;
    if (output === undefined) throw new Error('a block is malformed');
    return output;
  }

  /** Appends output of the frame to the window. To be called for blocks of all kinds. */
  remember(bytes: Uint8Array): void {
    this.#window.append(bytes);
  }

  #begin(): Reader {
    const reader = new this.#makeReader((bytes) => {
      this.#output = bytes;
      if (this.#reader !== undefined) this.#reader.s.w = SCRATCH;
    });
    reader.push(BEGINNING);
    return reader as unknown as Reader;
  }
}

function withHeader(content: Uint8Array): Uint8Array {
  const block = Buffer.allocUnsafe(3 + content.length);
  block.writeUIntLE((content.length << 3) | (2 << 1), 0, 3);
  block.set(content, 3);
  return block;
}

const LEAST_BUFFER = 1 << 20;
const MOST_SLACK = 16 << 20;

/** The last bytes of the output. The buffer is copied only when it is full, not for every block. */
class Window {
  readonly #length: number;
  readonly #most: number;
  #buffer = Buffer.alloc(0);
  #end = 0;

  constructor(length: number) {
    this.#length = length;
    this.#most = length + Math.min(Math.max(length, LEAST_BUFFER), MOST_SLACK);
  }

  view(): Uint8Array {
    return this.#buffer.subarray(Math.max(0, this.#end - this.#length), this.#end);
  }

  append(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #makeRoom(length: number): void {
    const kept = this.view();
    const size = Math.min(this.#most, Math.max(LEAST_BUFFER, 2 * (kept.length + length)));
    if (size > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(size);
      grown.set(kept, 0);
      this.#buffer = grown;
    } else this.#buffer.copyWithin(0, this.#end - kept.length, this.#end);
    this.#end = kept.length;
  }
}
