/** The largest file that is held, and how much all of them together may take. */
const MOST_OF_ONE = 16 << 10;
const MOST_OF_ALL = 8 << 20;
const CHUNK = 1 << 20;

/**
 * The bytes of small files that were read to be hashed, for who copies them then: most of the work on a small file is to open
 * it. What is copied is what was hashed, whatever becomes of the file in between.
 */
export class SmallFiles {
  readonly #chunks: Buffer[] = [];
  /** By number: where its bytes begin among all that is held. */
  readonly #starts = new Map<number, number>();
  #end = 0;

  /** Holds a copy, while there is room. */
  hold(number: number, bytes: Uint8Array): void {
    const left = this.#chunks.length * CHUNK - this.#end;
    if (bytes.length > MOST_OF_ONE || (left < bytes.length && !this.#addChunk())) return;
    const start = this.#end;
    this.#chunks.at(-1)!.set(bytes, start % CHUNK);
    this.#starts.set(number, start);
    this.#end = start + bytes.length;
  }

  /** The bytes that were held under a number; undefined if there are none. */
  bytes(number: number, size: number): Uint8Array | undefined {
    const start = this.#starts.get(number);
    if (start === undefined) return undefined;
    return this.#chunks[Math.floor(start / CHUNK)]!.subarray(start % CHUNK, (start % CHUNK) + size);
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#starts.clear();
    this.#end = 0;
  }

  #addChunk(): boolean {
    if (this.#chunks.length * CHUNK >= MOST_OF_ALL) return false;
    this.#end = this.#chunks.push(Buffer.allocUnsafeSlow(CHUNK)) * CHUNK - CHUNK;
    return true;
  }
}
