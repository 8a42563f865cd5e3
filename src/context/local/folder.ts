import type { FileEntry, TreePath } from '../../content/index.ts';
import type { MatchState } from '../patterns/path-matcher.ts';

/** The entry has no number in the stat cache. */
export const UNNUMBERED = -1;

/** A directory of a context: its entries after listing, and for each file its number in the stat cache. */
export class Folder {
  readonly entry: FileEntry;
  /** Only with ignore rules. */
  readonly state: MatchState | undefined;
  #entries: readonly FileEntry[] | undefined;
  #numbers: number[] = [];

  constructor(entry: FileEntry, state: MatchState | undefined) {
    this.entry = entry;
    this.state = state;
  }

  /** Its entries by name; undefined: not listed yet. */
  get entries(): readonly FileEntry[] | undefined {
    return this.#entries;
  }

  fill(entries: readonly FileEntry[], numbers: number[]): void {
    this.#entries = entries;
    this.#numbers = numbers;
  }

  /** The index of a path among the entries; -1 if it is missing. */
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
