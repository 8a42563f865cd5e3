/**
 * Persistent lists and maps: each addition returns a new collection, and the old one does not change. A collection and its
 * successors share memory, so thousands of additions need no copies. Only a second addition to the same collection copies it.
 * They are classes because one is created for each line of a build file, and classes are faster than closures.
 */

export class GrowingList<Item> implements Iterable<Item> {
  readonly length: number;
  readonly #shared: Item[];

  constructor(shared: Item[], length: number) {
    this.#shared = shared;
    this.length = length;
  }

  with(item: Item): GrowingList<Item> {
    const own = this.#shared.length === this.length ? this.#shared : this.#shared.slice(0, this.length);
    own.push(item);
    return new GrowingList(own, this.length + 1);
  }

  at(index: number): Item | undefined {
    return index < this.length ? this.#shared[index] : undefined;
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.#shared.slice(0, this.length).values();
  }
}

export function createGrowingList<Item>(items: Iterable<Item> = []): GrowingList<Item> {
  const all = [...items];
  return new GrowingList(all, all.length);
}

type Pair<Value> = readonly [key: string, value: Value];

/** All pairs in the order in which they were set, and the positions of each key. */
interface Shared<Value> {
  readonly log: Pair<Value>[];
  readonly places: Map<string, number[]>;
}

export class GrowingMap<Value> implements Iterable<Pair<Value>> {
  readonly #shared: Shared<Value>;
  readonly #length: number;

  constructor(shared: Shared<Value>, length: number) {
    this.#shared = shared;
    this.#length = length;
  }

  get(key: string): Value | undefined {
    const place = this.#placeOf(key);
    return place < 0 ? undefined : this.#shared.log[place]![1];
  }

  has(key: string): boolean {
    return this.#placeOf(key) >= 0;
  }

  with(key: string, value: Value): GrowingMap<Value> {
    const own = this.#shared.log.length === this.#length ? this.#shared : copyShared(this.#shared, this.#length);
    addPair(own, key, value);
    return new GrowingMap(own, this.#length + 1);
  }

  /** The pairs in the order in which their values were last set. */
  [Symbol.iterator](): Iterator<Pair<Value>> {
    const { log } = this.#shared;
    return log
      .slice(0, this.#length)
      .filter(([key], place) => this.#placeOf(key) === place)
      [Symbol.iterator]();
  }

  keys(): Iterable<string> {
    return Array.from(this, ([key]) => key);
  }

  /** The pairs in the order in which their keys were first set. */
  listInFirstOrder(): readonly Pair<Value>[] {
    const { log, places } = this.#shared;
    return log
      .slice(0, this.#length)
      .filter(([key], place) => places.get(key)![0] === place)
      .map(([key]) => [key, this.get(key)!]);
  }

  /** The position of the value of a key, or -1. */
  #placeOf(key: string): number {
    const places = this.#shared.places.get(key);
    if (places === undefined) return -1;
    let at = places.length - 1;
    while (at >= 0 && places[at]! >= this.#length) at -= 1;
    return at < 0 ? -1 : places[at]!;
  }
}

export function createGrowingMap<Value>(pairs: Iterable<Pair<Value>> = []): GrowingMap<Value> {
  const shared: Shared<Value> = { log: [], places: new Map() };
  for (const [key, value] of pairs) addPair(shared, key, value);
  return new GrowingMap(shared, shared.log.length);
}

function addPair<Value>({ log, places }: Shared<Value>, key: string, value: Value): void {
  const known = places.get(key);
  if (known === undefined) places.set(key, [log.length]);
  else known.push(log.length);
  log.push([key, value]);
}

function copyShared<Value>({ log }: Shared<Value>, length: number): Shared<Value> {
  const copy: Shared<Value> = { log: [], places: new Map() };
  for (const [key, value] of log.slice(0, length)) addPair(copy, key, value);
  return copy;
}
