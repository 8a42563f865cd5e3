import { MkimageError } from '../../errors.ts';
import { createSuggestionHint, parseBool, parseSize } from '../../notation/index.ts';
import { readPairs } from '../csv.ts';

/** The `key=value` fields of one `--cache-from` or `--cache-to`, with errors that name the flag. The values of secrets stay out. */
export class CacheFields {
  readonly #flag: string;
  readonly #values: ReadonlyMap<string, string>;

  /** Throws `usage` for a field that is not `key=value`. */
  constructor(flag: string, text: string) {
    this.#flag = flag;
    const pairs = (text === '' ? [] : readPairs(text)).map(
      ([key, value]) => [key.trim().toLowerCase(), value] as const,
    );
    const bare = pairs.find(([, value]) => value === undefined);
    if (bare !== undefined) {
      throw this.refuse(
        `\`${bare[0]}\` is not of the form key=value`,
        'for example `type=registry,ref=example.com/app:cache`',
      );
    }
    this.#values = new Map(pairs.map(([key, value]) => [key, value ?? '']));
  }

  /** Throws `usage` for a field that this type of cache does not have. */
  requireKnown(type: string, known: readonly string[]): void {
    const unknown = [...this.#values.keys()].find((key) => key !== 'type' && !known.includes(key));
    if (unknown === undefined) return;
    throw this.refuse(
      `type=${type} has no option \`${unknown}\``,
      createSuggestionHint(
        unknown,
        known,
        known.length === 0 ? 'it has no options' : `options are ${known.join(', ')}`,
      ),
    );
  }

  /** An empty value counts as absent. */
  text(key: string): string | undefined {
    return this.#values.get(key) || undefined;
  }

  require(key: string, example: string): string {
    return this.text(key) ?? this.#throwMissing(key, example);
  }

  flag(key: string): boolean | undefined {
    const text = this.text(key);
    return text === undefined
      ? undefined
      : this.#read(key, text, { value: parseBool(text), hint: 'one of `true`, `false`' });
  }

  count(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    return this.#read(key, text, {
      value: /^\d{1,9}$/.test(text) ? Number(text) : undefined,
      hint: 'give a whole number',
    });
  }

  /** Bytes, from `500m` or `2GB`. */
  size(key: string): number | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : this.#read(key, text, { value: parseSize(text), hint: 'e.g. `2GB`' });
  }

  /** Go's notation: `90s`, `10m`, `1h30m`. In milliseconds. */
  duration(key: string): number | undefined {
    const text = this.text(key);
    return text === undefined
      ? undefined
      : this.#read(key, text, { value: readDuration(text), hint: 'e.g. `90s` or `10m`' });
  }

  choice<T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const text = this.text(key);
    if (text === undefined) return fallback;
    const value = choices.find((each) => each === text);
    return this.#read(key, text, { value, hint: createSuggestionHint(text, choices, `one of ${choices.join(', ')}`) });
  }

  refuse(why: string, hint?: string): MkimageError {
    return new MkimageError('usage', `read \`${this.#flag}\`: ${why}`, hint === undefined ? {} : { hint });
  }

  #read<T>(key: string, text: string, { value, hint }: ReadValue<T>): T {
    if (value !== undefined) return value;
    throw this.refuse(`invalid value for \`${key}\`: \`${text}\``, hint);
  }

  #throwMissing(key: string, example: string): never {
    throw this.refuse(`\`${key}\` is missing`, `e.g. \`${example}\``);
  }
}

interface ReadValue<T> {
  /** undefined: the text has no meaning. */
  readonly value: T | undefined;
  readonly hint: string;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function readDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/gy)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}
