const SHORTEST = 4;
const MASK = '***';

/** Lines of a secret are secret themselves (`echo $KEY` makes one line of many), but a short one may be any word. */
const SHORTEST_LINE = 8;
const MOST_LINES = 200;

/** A secret as a string of bytes. */
interface Secret {
  readonly bytes: string;
  /** For each length of a beginning of it: how long the longest shorter beginning is with which that one ends. */
  readonly borders: Int32Array;
}

/** From where to where something secret stands, in bytes. */
type Span = readonly [start: number, end: number];

/**
 * Takes secret values out of a stream of bytes, also where they cross chunks or each other. Values under four characters are
 * left alone. Holds back less than the longest secret is long.
 */
export class Redactor {
  readonly #secrets: readonly Secret[];
  #held = '';
  /** So much of what is held belongs to a secret that was seen whole and for which the mask stands already. */
  #masked = 0;

  constructor(values: readonly string[]) {
    const whole = values.flatMap((value) => [value, value.trim()]).filter((value) => value.length >= SHORTEST);
    const texts = new Set([...whole, ...values.flatMap(longLinesOf)]);
    this.#secrets = [...texts].map((text) => secretOf(Buffer.from(text).toString('latin1')));
  }

  /** The bytes that can be shown now; what might be the beginning of a secret is held back. */
  push(chunk: Buffer): Buffer {
    if (this.#secrets.length === 0) return chunk;
    const all = this.#held + chunk.toString('latin1');
    const kept = Math.max(...this.#secrets.map((secret) => begunAtEnd(secret, all)));
    return Buffer.from(this.#release(all, all.length - kept), 'latin1');
  }

  /** What was held back, at the end of the stream. */
  end(): Buffer {
    return Buffer.from(this.#release(this.#held, this.#held.length), 'latin1');
  }

  /** Everything up to `end`, masked; the rest is held. */
  #release(all: string, end: number): string {
    let shown = '';
    let at = this.#masked;
    this.#masked = 0;
    for (const [start, stop] of merged(this.#secrets.flatMap((secret) => spansOf(secret, all)))) {
      if (start >= end) break;
      if (start >= at) shown += all.slice(at, start) + MASK;
      at = Math.max(at, stop);
    }
    if (at > end) this.#masked = at - end;
    else shown += all.slice(at, end);
    this.#held = all.slice(end);
    return shown;
  }
}

function longLinesOf(value: string): readonly string[] {
  const lines = value.split('\n', MOST_LINES + 1).map((line) => line.trim());
  return lines.length === 1 ? [] : lines.slice(0, MOST_LINES).filter((line) => line.length >= SHORTEST_LINE);
}

function secretOf(bytes: string): Secret {
  const borders = new Int32Array(bytes.length + 1);
  for (let length = 2, border = 0; length <= bytes.length; length += 1) {
    border = extended(bytes, borders, border, bytes[length - 1]!);
    borders[length] = border;
  }
  return { bytes, borders };
}

/** How long a beginning of the secret stands at the end after one more byte, if one of length `begun` stood there before. */
function extended(bytes: string, borders: Int32Array, begun: number, byte: string): number {
  let length = begun;
  while (length > 0 && bytes[length] !== byte) length = borders[length]!;
  return bytes[length] === byte ? length + 1 : 0;
}

/** How much of the secret's beginning, but not all of it, the text ends with. */
function begunAtEnd({ bytes, borders }: Secret, text: string): number {
  let begun = 0;
  for (let at = Math.max(0, text.length - bytes.length + 1); at < text.length; at += 1) {
    begun = extended(bytes, borders, begun, text[at]!);
  }
  return begun;
}

/** Every place of the secret. Two places may overlap, but not by more than the secret does itself. */
function spansOf({ bytes, borders }: Secret, text: string): Span[] {
  const spans: Span[] = [];
  const step = bytes.length - borders[bytes.length]!;
  for (let at = text.indexOf(bytes); at >= 0; at = text.indexOf(bytes, at + step)) spans.push([at, at + bytes.length]);
  return spans;
}

/** Sorted, and those that overlap as one. */
function merged(spans: Span[]): readonly Span[] {
  const sorted = spans.sort(([a], [b]) => a - b);
  const result: Span[] = [];
  for (const [start, end] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && start < last[1]) result.splice(-1, 1, [last[0], Math.max(last[1], end)]);
    else result.push([start, end]);
  }
  return result;
}
