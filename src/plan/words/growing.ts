/**
 * Lists and maps that grow by one and are never changed: each addition gives a new one, and the old one stays what it was.
 * All that grew out of one another share their memory, so that thousands of additions cost no copies; only where two grow out of
 * the same one, the second is copied. They are classes since one is made for each line of a build file.
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

export function growingList<Item>(items: Iterable<Item> = []): GrowingList<Item> {
  const all = [...items];
  return new GrowingList(all, all.length);
}

type Pair<Value> = readonly [key: string, value: Value];

/** What was set, one after the other, and where each key stands in it. */
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
    const own = this.#shared.log.length === this.#length ? this.#shared : copyOf(this.#shared, this.#length);
    record(own, key, value);
    return new GrowingMap(own, this.#length + 1);
  }

  /** The pairs in the order in which their values were set last. */
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

  /** The pairs in the order in which their keys were set first. */
  inFirstOrder(): readonly Pair<Value>[] {
    const { log, places } = this.#shared;
    return log
      .slice(0, this.#length)
      .filter(([key], place) => places.get(key)![0] === place)
      .map(([key]) => [key, this.get(key)!]);
  }

  /** Where the value of a key stands, or -1. */
  #placeOf(key: string): number {
    const places = this.#shared.places.get(key);
    if (places === undefined) return -1;
    let at = places.length - 1;
    while (at >= 0 && places[at]! >= this.#length) at -= 1;
    return at < 0 ? -1 : places[at]!;
  }
}

export function growingMap<Value>(pairs: Iterable<Pair<Value>> = []): GrowingMap<Value> {
  const shared: Shared<Value> = { log: [], places: new Map() };
  for (const [key, value] of pairs) record(shared, key, value);
  return new GrowingMap(shared, shared.log.length);
}

function record<Value>({ log, places }: Shared<Value>, key: string, value: Value): void {
  const known = places.get(key);
  if (known === undefined) places.set(key, [log.length]);
  else known.push(log.length);
  log.push([key, value]);
}

function copyOf<Value>({ log }: Shared<Value>, length: number): Shared<Value> {
  const copy: Shared<Value> = { log: [], places: new Map() };
  for (const [key, value] of log.slice(0, length)) record(copy, key, value);
  return copy;
}
