/** At least this many bytes of the end are kept. */
const KEPT = 128 * 1024;
/** Pieces smaller than this are joined, so that the list of pieces stays short. */
const SMALL = 4096;

/** The end of a long output. Its memory use does not grow with the output. */
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

  /** Returns the last lines without their line feeds, including an unfinished last line. */
  lines(most: number): readonly string[] {
    const lines = Buffer.concat(this.#pieces).toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-most);
  }
}
