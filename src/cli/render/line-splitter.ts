import { printable } from '../printable.ts';

/** A line that never ends is cut here, so that a step cannot fill the memory (UTF-16 units). */
const LONGEST = 16_384;

/** Cuts pieces of output into whole printable lines. One per step and stream. */
export class LineSplitter {
  #rest = '';

  /** The lines that the piece completes. */
  push(text: string): readonly string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    if (this.#rest.length > LONGEST) lines.push(...this.#takeRest());
    return lines.map(printable);
  }

  /** The last line, if it had no line feed. */
  end(): readonly string[] {
    return this.#rest === '' ? [] : this.#takeRest().map(printable);
  }

  #takeRest(): string[] {
    const rest = this.#rest;
    this.#rest = '';
    return [rest];
  }
}
