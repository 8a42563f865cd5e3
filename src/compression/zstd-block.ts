/**
 * The compressed blocks of one zstd frame, read by fzstd. Its own stream reader moves the whole window at every block, so that a
 * few bytes of input can cost megabytes of copying, and takes as much memory as a header announces. Here the window is ours: it
 * grows with the output, and blocks are handed over one by one.
 */
import type { Decompress as FzstdReader } from 'fzstd';
import { BLOCK_LIMIT } from './zstd-header.ts';

/** What fzstd 0.1.1 calls its own parts: `s` the frame (`w` window, `e` its length), `c` input that waits for more. */
interface Reader {
  push(chunk: Uint8Array): void;
  readonly s: { w: Uint8Array; e: number };
  c: Uint8Array[];
}

/** A frame with a window of 128 KiB and nothing in it yet: four empty blocks, because the reader waits for 18 bytes. */
const BEGINNING = Buffer.from('28b52ffd0038'.concat('000000'.repeat(4)), 'hex');
/** Stands in for the window while fzstd moves it. */
const SCRATCH = new Uint8Array(2 * BLOCK_LIMIT);

/** Reads compressed blocks against what came out of the frame before. */
export class ZstdBlocks {
  readonly #makeReader: typeof FzstdReader;
  readonly #window: Window;
  /** Made for the first block that needs it. */
  #reader: Reader | undefined;
  #output: Uint8Array | undefined;

  constructor(makeReader: typeof FzstdReader, window: number) {
    this.#makeReader = makeReader;
    this.#window = new Window(window);
  }

  /** The bytes that a block's content stands for. Throws for content that is malformed. */
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

  /** Takes note of what came out of the frame, whatever kind of block it stood in. */
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

/** The last bytes of the output. Its buffer is moved once in a while, not at every block. */
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
    const wanted = Math.max(LEAST_BUFFER, 2 * (kept.length + length));
    const size = Math.min(this.#most, wanted);
    if (size > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(size);
      grown.set(kept, 0);
      this.#buffer = grown;
    } else this.#buffer.copyWithin(0, this.#end - kept.length, this.#end);
    this.#end = kept.length;
  }
}
