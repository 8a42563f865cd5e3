/**
 * Lists and maps that grow by one and are never changed: each addition gives a new one, and the old one stays what it was.
 * All that grew out of one another share their memory, so that thousands of additions cost no copies; only where two grow out of
 * the same one, the second is copied.
 */

export interface GrowingList<Item> extends Iterable<Item> {
  readonly length: number;
  with(item: Item): GrowingList<Item>;
  at(index: number): Item | undefined;
}

export function growingList<Item>(items: Iterable<Item> = []): GrowingList<Item> {
  const all = [...items];
  return listOf(all, all.length);
}

function listOf<Item>(shared: Item[], length: number): GrowingList<Item> {
  return {
    length,
    with: (item) => {
      const own = shared.length === length ? shared : shared.slice(0, length);
      own.push(item);
      return listOf(own, length + 1);
    },
    at: (index) => (index < length ? shared[index] : undefined),
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index += 1) yield shared[index]!;
    },
  };
}

export interface GrowingMap<Value> extends Iterable<readonly [key: string, value: Value]> {
  /** Goes through the pairs in the order in which their values were set last. */
  [Symbol.iterator](): Iterator<readonly [key: string, value: Value]>;
  get(key: string): Value | undefined;
  has(key: string): boolean;
  keys(): Iterable<string>;
  with(key: string, value: Value): GrowingMap<Value>;
  /** The pairs in the order in which their keys were set first. */
  inFirstOrder(): Iterable<readonly [key: string, value: Value]>;
}

export function growingMap<Value>(pairs: Iterable<readonly [string, Value]> = []): GrowingMap<Value> {
  const shared: Shared<Value> = { log: [], places: new Map() };
  for (const [key, value] of pairs) record(shared, key, value);
  return mapOf(shared, shared.log.length);
}

/** What was set, one after the other, and where each key stands in it. */
interface Shared<Value> {
  readonly log: (readonly [key: string, value: Value])[];
  readonly places: Map<string, number[]>;
}

function record<Value>({ log, places }: Shared<Value>, key: string, value: Value): void {
  const known = places.get(key);
  if (known === undefined) places.set(key, [log.length]);
  else known.push(log.length);
  log.push([key, value]);
}

function mapOf<Value>(shared: Shared<Value>, length: number): GrowingMap<Value> {
  const { log, places } = shared;
  const placeOf = (key: string) => places.get(key)?.findLast((place) => place < length);
  const get = (key: string) => {
    const place = placeOf(key);
    return place === undefined ? undefined : log[place]![1];
  };
  function* pairs(isMeant: (place: number, key: string) => boolean) {
    for (let place = 0; place < length; place += 1) {
      const [key] = log[place]!;
      if (isMeant(place, key)) yield [key, get(key)!] as const;
    }
  }
  const last = () => pairs((place, key) => placeOf(key) === place);
  return {
    get,
    has: (key) => placeOf(key) !== undefined,
    with: (key, value) => {
      const own = log.length === length ? shared : copyOf(shared, length);
      record(own, key, value);
      return mapOf(own, length + 1);
    },
    *keys() {
      for (const [key] of last()) yield key;
    },
    inFirstOrder: () => pairs((place, key) => places.get(key)![0] === place),
    [Symbol.iterator]: last,
  };
}

function copyOf<Value>({ log }: Shared<Value>, length: number): Shared<Value> {
  const copy: Shared<Value> = { log: [], places: new Map() };
  for (const [key, value] of log.slice(0, length)) record(copy, key, value);
  return copy;
}
