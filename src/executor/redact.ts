const SHORTEST = 4;
const MASK = '***';

/** Lines of a secret are secret themselves (`echo $KEY` makes one line of many), but a short one may be any word. */
const SHORTEST_LINE = 8;
const MOST_LINES = 200;

/** Takes secret values out of a stream of text, also where they cross chunks. Values under four characters are left alone. */
export class Redactor {
  readonly #secrets: readonly string[];
  #held = '';

  constructor(values: readonly string[]) {
    const whole = values.flatMap((value) => [value, value.trim()]).filter((value) => value.length >= SHORTEST);
    this.#secrets = [...new Set([...whole, ...values.flatMap(longLinesOf)])].sort((a, b) => b.length - a.length);
  }

  /** The text that can be shown now; what might be the beginning of a secret is held back. */
  push(text: string): string {
    if (this.#secrets.length === 0) return text;
    const all = this.#mask(this.#held + text);
    const keep = this.#heldLength(all);
    this.#held = keep === 0 ? '' : all.slice(-keep);
    return keep === 0 ? all : all.slice(0, -keep);
  }

  /** What was held back, at the end of the stream. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  #mask(text: string): string {
    return this.#secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  }

  #heldLength(text: string): number {
    const longest = this.#secrets[0]?.length ?? 0;
    for (let length = Math.min(longest - 1, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.#secrets.some((secret) => secret.startsWith(end))) return length;
    }
    return 0;
  }
}

function longLinesOf(value: string): readonly string[] {
  const lines = value.split('\n', MOST_LINES + 1).map((line) => line.trim());
  return lines.length === 1 ? [] : lines.slice(0, MOST_LINES).filter((line) => line.length >= SHORTEST_LINE);
}
