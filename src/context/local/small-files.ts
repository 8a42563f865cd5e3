/** Largest size of a kept file, and of all kept files together. */
const MOST_OF_ONE = 16 << 10;
const MOST_OF_ALL = 8 << 20;
const CHUNK = 1 << 20;

/**
 * Keeps the bytes of small files after hashing, for the copy that follows: opening a small file takes longer than reading it. The
 * copy then has exactly the hashed bytes, even if the file changes in between.
 */
export class SmallFiles {
  readonly #chunks: Buffer[] = [];
  /** By number: the offset of its bytes. */
  readonly #starts = new Map<number, number>();
  #end = 0;

  /** Keeps a copy if there is room. */
  hold(number: number, bytes: Uint8Array): void {
    const left = this.#chunks.length * CHUNK - this.#end;
    if (bytes.length > MOST_OF_ONE || (left < bytes.length && !this.#addChunk())) return;
    const start = this.#end;
    this.#chunks.at(-1)!.set(bytes, start % CHUNK);
    this.#starts.set(number, start);
    this.#end = start + bytes.length;
  }

  /** The kept bytes of a number; undefined if there are none. */
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
