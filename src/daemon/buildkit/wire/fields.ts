/** The kinds of fields that a message can have. Each knows its number, its default, and how it is read and written. */
import { type Budget, createWireError, WIRE_TYPE, type WireReader } from './reader.ts';
import type { WireWriter } from './writer.ts';

/** One value on the wire: a number, or bytes. */
export type WireValue = bigint | Buffer;

/** A field whose value has the type `T`. Its table in `messages` gives it a name. */
export interface Field<T> {
  readonly number: number;
  readonly create: () => T;
  /** Adds a value of the wire to what was read before: the last one counts, or all of a list do. */
  readonly add: (before: T, value: WireValue, budget: Budget) => T;
  readonly write: (writer: WireWriter, value: T) => void;
}

/** A field with one value. */
interface Single<T> extends Field<T> {
  readonly read: (value: WireValue, budget: Budget) => T;
  /** Writes the value even if it is the default, as the members of a list need it. */
  readonly writeAlways: (writer: WireWriter, value: T) => void;
}

interface SingleRules<T> {
  readonly create: () => T;
  readonly read: (value: WireValue, budget: Budget) => T;
  readonly isDefault: (value: T) => boolean;
  readonly write: (writer: WireWriter, value: T) => void;
}

function createSingle<T>(number: number, { create, read, isDefault, write }: SingleRules<T>): Single<T> {
  return {
    number,
    create,
    read,
    add: (_before, value, budget) => read(value, budget),
    writeAlways: write,
    write: (writer, value) => {
      if (!isDefault(value)) write(writer, value);
    },
  };
}

export function text(number: number): Single<string> {
  return createSingle(number, {
    create: () => '',
    read: (value) => requireBytes(value).toString('utf8'),
    isDefault: (value) => value === '',
    write: (writer, value) => writer.writeBytes(number, Buffer.from(value)),
  });
}

export function bytes(number: number): Single<Uint8Array> {
  return createSingle<Uint8Array>(number, {
    create: () => new Uint8Array(),
    read: requireBytes,
    isDefault: (value) => value.length === 0,
    write: (writer, value) => writer.writeBytes(number, value),
  });
}

/** `int32` and `int64` whose values fit a JavaScript number. Larger ones are refused. */
export function integer(number: number): Single<number> {
  return createSingle(number, {
    create: () => 0,
    read: (value) => toSafeNumber(BigInt.asIntN(64, requireNumber(value))),
    isDefault: (value) => value === 0,
    write: (writer, value) => writer.writeNumber(number, value),
  });
}

/** `uint32`. */
export function uint(number: number): Single<number> {
  return createSingle(number, {
    create: () => 0,
    read: (value) => Number(BigInt.asUintN(32, requireNumber(value))),
    isDefault: (value) => value === 0,
    write: (writer, value) => writer.writeNumber(number, value),
  });
}

/** `int64` with all its values, such as nanoseconds. */
export function long(number: number): Single<bigint> {
  return createSingle(number, {
    create: () => 0n,
    read: (value) => BigInt.asIntN(64, requireNumber(value)),
    isDefault: (value) => value === 0n,
    write: (writer, value) => writer.writeNumber(number, value),
  });
}

export function flag(number: number): Single<boolean> {
  return createSingle(number, {
    create: () => false,
    read: (value) => requireNumber(value) !== 0n,
    isDefault: (value) => !value,
    write: (writer, value) => writer.writeNumber(number, value ? 1 : 0),
  });
}

/** What a message inside a message must offer. */
export interface Nested<T> {
  readonly decodeWithin: (bytes: Buffer, budget: Budget) => T;
  readonly encode: (value: T) => Buffer;
}

export function embed<T>(number: number, message: Nested<T>): Single<T | undefined> {
  return createSingle<T | undefined>(number, {
    create: () => undefined,
    read: (value, budget) => message.decodeWithin(requireBytes(value), budget),
    isDefault: (value) => value === undefined,
    write: (writer, value) => writer.writeBytes(number, message.encode(value!)),
  });
}

export function list<T>(single: Single<T>): Field<readonly NonNullable<T>[]> {
  return {
    number: single.number,
    create: () => [],
    add: (before, value, budget) => {
      // The list was made by `create` for this message, so nobody else sees it change.
      (before as NonNullable<T>[]).push(single.read(value, budget) as NonNullable<T>);
      return before;
    },
    write: (writer, values) => {
      for (const value of values) single.writeAlways(writer, value);
    },
  };
}

export function requireBytes(value: WireValue): Buffer {
  if (typeof value !== 'bigint') return value;
  throw createWireError('a number where bytes are expected');
}

/** A number, or the only one of a packed list. */
function requireNumber(value: WireValue): bigint {
  if (typeof value === 'bigint') return value;
  throw createWireError('bytes where a number is expected');
}

function toSafeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw createWireError(`the number ${value}, which is too large`);
}

/** Reads the value of a field; undefined if its wire type has no meaning here. */
export function readValue(reader: WireReader, type: number): WireValue | undefined {
  if (type === WIRE_TYPE.varint) return reader.readVarint();
  if (type === WIRE_TYPE.bytes) return reader.readBytes();
  reader.skip(type);
  return undefined;
}
