import type { Output } from '../terminal.ts';

/** An output that knows whether its reader has taken what was written. A reader that went away has taken everything. */
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

  /** Resolves when the reader has taken all that was written; undefined if nothing is held for it. */
  caughtUp(): Promise<void> | undefined {
    return this.#behind;
  }
}
