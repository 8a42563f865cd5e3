/** Reads a stream in the amounts that a decoder needs, and buffers little more than that. */
export class ByteFeed {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  #at = 0;
  #isOver = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Number of buffered bytes. */
  get length(): number {
    return this.#held.length - this.#at;
  }

  /** Reads until `length` bytes are buffered. Returns false if the stream ends before. */
  async fill(length: number): Promise<boolean> {
    if (this.length >= length || this.#isOver) return this.length >= length;
    const pieces: Uint8Array[] = [this.#held.subarray(this.#at)];
    let size = this.length;
    while (size < length && !this.#isOver) {
      const next = await this.#source.next();
      if (next.done === true) this.#isOver = true;
      else {
        pieces.push(next.value);
        size += next.value.length;
      }
    }
    this.#held = Buffer.concat(pieces, size);
    this.#at = 0;
    return size >= length;
  }

  /** Takes the next `length` bytes, or fewer if fewer are buffered. */
  take(length: number): Buffer {
    const { buffer, byteOffset } = this.#held;
    const taken = Buffer.from(buffer, byteOffset + this.#at, Math.min(length, this.length));
    this.#at += taken.length;
    return taken;
  }

  /** Takes the next buffered byte; undefined if there is none. */
  takeByte(): number | undefined {
    return this.#at < this.#held.length ? this.#held[this.#at++] : undefined;
  }

  /** Skips `length` bytes. Returns false if the stream ends before. */
  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0; ) {
      if (!(await this.fill(1))) return false;
      left -= this.take(left).length;
    }
    return true;
  }

  /** Closes the source. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
