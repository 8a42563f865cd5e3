/** Checks the types in untrusted JSON. `where` is a path for messages: `manifest.layers[2].size`. */
import { MkimageError } from '../../errors.ts';
import { type Digest, isDigest } from '../digest.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;
type Check<T> = (value: unknown, where: string) => T;

/** Throws `invalid-archive`. */
export function refuse(where: string, expected: string): never {
  throw new MkimageError('invalid-archive', `read ${where}: ${expected}`);
}

/** Checks for an object. Names in `known` must have the exact case, because Go's JSON reader accepts `Layers` for `layers`. */
export function expectRecord(value: unknown, where: string, known: readonly string[] = []): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(where, 'not an object');
  const record = value as JsonRecord;
  for (const name of Object.keys(record)) {
    if (known.includes(name)) continue;
    const meant = known.find((exact) => exact.toLowerCase() === name.toLowerCase());
    if (meant !== undefined) refuse(where, `member \`${name}\` looks like \`${meant}\``);
  }
  return record;
}

export function expectText(value: unknown, where: string): string {
  return typeof value === 'string' ? value : refuse(where, 'not a string');
}

export function expectFlag(value: unknown, where: string): boolean {
  return typeof value === 'boolean' ? value : refuse(where, 'not a boolean');
}

/** A size or a count. */
export function expectCount(value: unknown, where: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse(where, 'not a non-negative integer');
}

export function expectNumber(value: unknown, where: string): number {
  return typeof value === 'number' ? value : refuse(where, 'not a number');
}

export function expectDigest(value: unknown, where: string): Digest {
  return isDigest(value) ? value : refuse(where, 'not a sha256 digest');
}

export function expectListOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) refuse(where, 'not an array');
    return (value as unknown[]).map((item, i) => check(item, `${where}[${i}]`));
  };
}

export function expectMapOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, where) =>
    Object.fromEntries(
      Object.entries(expectRecord(value, where)).map(([name, item]) => [name, check(item, `${where}.${name}`)]),
    );
}

/** Returns a function that reads optional members. An absent member and `null` (which Go writes for empty values) are undefined. */
export function createMemberReader(
  record: JsonRecord,
  where: string,
): <T>(name: string, check: Check<T>) => T | undefined {
  return (name, check) => {
    const value = record[name];
    return value === undefined || value === null ? undefined : check(value, `${where}.${name}`);
  };
}

type Defined<T> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same record without members that are undefined. */
export function removeUndefined<T extends object>(members: T): Defined<T> {
  const kept: Partial<T> = {};
  for (const name of Object.keys(members) as (keyof T)[]) if (members[name] !== undefined) kept[name] = members[name];
  return kept as unknown as Defined<T>;
}
