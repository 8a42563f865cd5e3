import type { FileEntry, TreePath } from '../../content/index.ts';
import type { MatchState } from '../patterns/path-matcher.ts';

/** No number in the stat cache: nothing is to be known of it. */
export const UNNUMBERED = -1;

/** A directory of a context: its entries, once it was listed, and for each file its number in the stat cache. */
export class Folder {
  readonly entry: FileEntry;
  /** When there are ignore rules. */
  readonly state: MatchState | undefined;
  #entries: readonly FileEntry[] | undefined;
  #numbers: number[] = [];

  constructor(entry: FileEntry, state: MatchState | undefined) {
    this.entry = entry;
    this.state = state;
  }

  /** What is in it, by name; undefined: it was not listed yet. */
  get entries(): readonly FileEntry[] | undefined {
    return this.#entries;
  }

  fill(entries: readonly FileEntry[], numbers: number[]): void {
    this.#entries = entries;
    this.#numbers = numbers;
  }

  /** The place of a path among the entries; -1 if it is not there. */
  indexOf(path: TreePath): number {
    const entries = this.#entries ?? [];
    let [low, high] = [0, entries.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = entries[middle]!.path;
      if (found === path) return middle;
      if (found < path) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  number(index: number): number {
    return this.#numbers[index]!;
  }

  setNumber(index: number, number: number): void {
    this.#numbers[index] = number;
  }
}
