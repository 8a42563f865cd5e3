/** The bytes of a stream, asked for in the amounts that a decoder needs; holds little more than that. */
export class ByteFeed {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  #at = 0;
  #isOver = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes that are here. */
  get length(): number {
    return this.#held.length - this.#at;
  }

  /** Waits until `length` bytes are here; false: the stream ended before that. */
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

  /** The next `length` bytes, or as many as are here. */
  take(length: number): Buffer {
    const { buffer, byteOffset } = this.#held;
    const taken = Buffer.from(buffer, byteOffset + this.#at, Math.min(length, this.length));
    this.#at += taken.length;
    return taken;
  }

  /** The next byte of those that are here. */
  takeByte(): number | undefined {
    return this.#at < this.#held.length ? this.#held[this.#at++] : undefined;
  }

  /** Passes over that many bytes; false: the stream ended before that. */
  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0; ) {
      if (!(await this.fill(1))) return false;
      left -= this.take(left).length;
    }
    return true;
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
