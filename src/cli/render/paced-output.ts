import type { Output } from '../terminal.ts';

/** An output that knows whether all written text has been read. After the reader has closed the stream, text is dropped. */
export class PacedOutput {
  readonly #output: Output;
  #behind: Promise<void> | undefined;
  #isGone = false;

  constructor(output: Output) {
    this.#output = output;
  }

  write(text: string): void {
    if (text === '' || this.#isGone) return;
    let settle = (): void => {};
    const flushed = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const isTaken = this.#output.write(text, (error) => {
      if (error) this.#isGone = true;
      if (this.#behind === flushed) this.#behind = undefined;
      settle();
    });
    if (!isTaken) this.#behind = flushed;
  }

  /** Resolves when all written text has been read. Returns undefined if nothing is buffered. */
  drain(): Promise<void> | undefined {
    return this.#behind;
  }
}
