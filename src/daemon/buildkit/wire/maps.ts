import { bytes, embed, type Field, type Nested, requireBytes, text } from './fields.ts';
import { defineMessage } from './message.ts';

/** A map from names to values. It is a `Map`, because names come from other programs: `__proto__` is one of them. */
function mapOf<T>(number: number, entry: Nested<{ readonly key: string; readonly value: T }>): Field<Map<string, T>> {
  return {
    number,
    create: () => new Map(),
    add: (before, value, budget) => {
      const { key, value: member } = entry.decodeWithin(requireBytes(value), budget);
      return before.set(key, member);
    },
    write: (writer, values) => {
      for (const [key, value] of values) writer.writeBytes(number, entry.encode({ key, value }));
    },
  };
}

export function textMap(number: number): Field<Map<string, string>> {
  return mapOf(number, defineMessage({ key: text(1), value: text(2) }));
}

export function bytesMap(number: number): Field<Map<string, Uint8Array>> {
  return mapOf(number, defineMessage({ key: text(1), value: bytes(2) }));
}

export function nestedMap<T>(number: number, message: Nested<T>): Field<Map<string, T | undefined>> {
  return mapOf<T | undefined>(number, defineMessage({ key: text(1), value: embed(2, message) }));
}
