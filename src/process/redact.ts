const SHORTEST = 4;
const MASK = '***';

/**
 * Each line of a secret is secret too (`echo $KEY` prints all lines as one), except short lines, which may be ordinary
 * words.
 */
const SHORTEST_LINE = 8;
const MOST_LINES = 200;

/** A secret as a byte string. */
interface Secret {
  readonly bytes: string;
  /**
   * For each prefix of the secret: the length of its longest proper prefix that is also its suffix (the table of
   * Knuth, Morris and Pratt).
   */
  readonly borders: Int32Array;
}

/** The place of a secret in a text, in bytes. */
type Span = readonly [start: number, end: number];

/**
 * Replaces secret values in a stream of bytes by a mask, also where a secret spans chunks or two secrets overlap.
 * Values under four characters are not replaced. Holds back fewer bytes than the longest secret has.
 */
export class Redactor {
  readonly #secrets: readonly Secret[];
  #held = '';
  /** This many of the held bytes belong to a secret whose mask was already written. */
  #masked = 0;

  constructor(values: readonly string[]) {
    const whole = values.flatMap((value) => [value, value.trim()]).filter((value) => value.length >= SHORTEST);
    const texts = new Set([...whole, ...values.flatMap(longLinesOf)]);
    this.#secrets = [...texts].map((text) => secretOf(Buffer.from(text).toString('latin1')));
  }

  /** Returns the bytes that can be shown now. Holds back bytes that may be the beginning of a secret. */
  push(chunk: Buffer): Buffer {
    if (this.#secrets.length === 0) return chunk;
    const all = this.#held + chunk.toString('latin1');
    const kept = Math.max(...this.#secrets.map((secret) => begunAtEnd(secret, all)));
    return Buffer.from(this.#release(all, all.length - kept), 'latin1');
  }

  /** Returns the held bytes at the end of the stream. */
  end(): Buffer {
    return Buffer.from(this.#release(this.#held, this.#held.length), 'latin1');
  }

  /** Returns everything up to `end`, masked, and holds the rest. */
  #release(all: string, end: number): string {
    let shown = '';
    let at = this.#masked;
    this.#masked = 0;
    for (const [start, stop] of mergeSpans(this.#secrets.flatMap((secret) => spansOf(secret, all)))) {
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
  const secret = { bytes, borders };
  for (let length = 2, border = 0; length <= bytes.length; length += 1) {
    border = extendBorder(secret, border, bytes[length - 1]!);
    borders[length] = border;
  }
  return secret;
}

/** Returns the length of the secret's prefix at the end of the text after one more byte, if it was `begun` before. */
function extendBorder({ bytes, borders }: Secret, begun: number, byte: string): number {
  let length = begun;
  while (length > 0 && bytes[length] !== byte) length = borders[length]!;
  return bytes[length] === byte ? length + 1 : 0;
}

/** Returns the length of the longest proper prefix of the secret at the end of the text. */
function begunAtEnd(secret: Secret, text: string): number {
  let begun = 0;
  for (let at = Math.max(0, text.length - secret.bytes.length + 1); at < text.length; at += 1) {
    begun = extendBorder(secret, begun, text[at]!);
  }
  return begun;
}

/** Finds every place of the secret. Two places overlap only as far as the secret overlaps itself. */
function spansOf({ bytes, borders }: Secret, text: string): Span[] {
  const spans: Span[] = [];
  const step = bytes.length - borders[bytes.length]!;
  for (let at = text.indexOf(bytes); at >= 0; at = text.indexOf(bytes, at + step)) spans.push([at, at + bytes.length]);
  return spans;
}

/** Sorts the spans and joins those that overlap. */
function mergeSpans(spans: Span[]): readonly Span[] {
  const sorted = spans.sort(([a], [b]) => a - b);
  const result: Span[] = [];
  for (const [start, end] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && start < last[1]) result.splice(-1, 1, [last[0], Math.max(last[1], end)]);
    else result.push([start, end]);
  }
  return result;
}
