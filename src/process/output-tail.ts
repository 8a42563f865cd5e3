/** At least this much of the end is kept, in bytes. */
const KEPT = 128 * 1024;
/** Smaller pieces are joined, so that there are never many. */
const SMALL = 4096;

/** The end of a long output, in memory that does not grow with it. */
export class OutputTail {
  #pieces: Uint8Array[] = [];
  #size = 0;

  push(bytes: Uint8Array): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length < SMALL) this.#pieces.splice(-1, 1, Buffer.concat([last, bytes]));
    else this.#pieces.push(bytes);
    this.#size += bytes.length;
    while (this.#size - this.#pieces[0]!.length >= KEPT) this.#size -= this.#pieces.shift()!.length;
  }

  /** The last lines, without their line feeds; one that has none yet among them. */
  lines(most: number): readonly string[] {
    const lines = Buffer.concat(this.#pieces).toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-most);
  }
}
