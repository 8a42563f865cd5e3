import { type Field, type Nested, readValue } from './fields.ts';
import { type Budget, createBudget, WireReader } from './reader.ts';
import { WireWriter } from './writer.ts';

// biome-ignore lint/suspicious/noExplicitAny: a table has fields of any types
type Table = Readonly<Record<string, Field<any>>>;
type Values<T extends Table> = { readonly [Name in keyof T]: T[Name] extends Field<infer Value> ? Value : never };

/** A kind of message. */
export interface Message<T> extends Nested<T> {
  /** Members that are missing on the wire have their default. Throws `usage`. */
  readonly decode: (bytes: Buffer) => T;
  /** Completes a message with defaults. */
  readonly create: (given: Partial<T>) => T;
}

/** The values of a kind of message. */
export type Read<M> = M extends Message<infer T> ? T : never;

/** Defines a kind of message by the table of its fields. Unknown fields are passed over, so that newer programs are understood. */
export function defineMessage<T extends Table>(table: T): Message<Values<T>> {
  const fields = Object.entries(table);
  const names = new Map(fields.map(([name, field]) => [field.number, name]));
  const createEmpty = (): Record<string, unknown> =>
    Object.fromEntries(fields.map(([name, field]) => [name, field.create()]));
  const decodeWithin = (bytes: Buffer, budget: Budget): Values<T> => {
    const message = createEmpty();
    const reader = new WireReader(bytes);
    while (!reader.isAtEnd) {
      const { number, type } = reader.readTag(budget);
      const value = readValue(reader, type);
      const name = names.get(number);
      if (name !== undefined && value !== undefined) message[name] = table[name]!.add(message[name], value, budget);
    }
    return message as Values<T>;
  };
  return {
    decodeWithin,
    decode: (bytes) => decodeWithin(bytes, createBudget()),
    create: (given) => ({ ...createEmpty(), ...given }) as Values<T>,
    encode: (value) => {
      const writer = new WireWriter();
      for (const [name, field] of fields) field.write(writer, value[name]);
      return writer.finish();
    },
  };
}
