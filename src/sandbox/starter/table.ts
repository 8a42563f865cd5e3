import { bytesOfText } from '../../tar/index.ts';
import { type CallArchitecture, callNumbers } from '../seccomp/numbers.ts';
import { CALL_WORDS, TABLE, TABLE_MAX } from './machine.ts';

/**
 * Text, bytes and words stand for a pointer to them, `list` for one to an array of C strings, `program` for one to a
 * `struct sock_fprog` with so many instructions.
 */
export type Argument =
  | number
  | bigint
  | string
  | Uint8Array
  | WordPointer
  | { readonly list: readonly string[] }
  | { readonly program: Uint8Array; readonly length: number };

/** Words that several calls share: the same object is the same memory. `offset` is in bytes. */
export interface WordPointer {
  readonly words: readonly number[];
  readonly offset?: number;
}

/** A position in a list; a symbol if it must be unique. */
export type Label = string | symbol;

/** One system call, and the call that follows it: by default the next in the list. */
export interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
  /** The purpose of the call, for its error message. */
  readonly doing: string;
  /** Errors (errno below 64) that are ignored. */
  readonly tolerate?: readonly number[];
  readonly onTolerated?: Label;
  /** The result (default 0) after which `onExpected` follows. After other results, `onOther` follows. */
  readonly expect?: number;
  readonly onExpected?: Label;
  readonly onOther?: Label;
  /** Receives the result, or the negative errno. */
  readonly keep?: WordPointer;
}

export type Line = Call | { readonly label: Label };

/** Every errno that can be tolerated. */
export const ALL_ERRORS: readonly number[] = Array.from({ length: 63 }, (_, index) => index + 1);

/** A table as bytes, and its calls by address. */
export interface Table {
  readonly bytes: Buffer;
  readonly calls: ReadonlyMap<number, Call>;
}

/** The architectures with a starter, and the names of their system call tables. */
const CALLS: Readonly<Record<string, CallArchitecture>> = { x64: 'x86_64', arm64: 'aarch64' };

const HEADER = 32;
const CALL_SIZE = CALL_WORDS * 8;
/** The label of the lines that follow after a failed call. They can report the words at `FAILURE`. */
export const LAST_RESORT = 'last resort';
/** Address of the record of a failed call. */
export const FAILURE = TABLE + 16;

/** Assembles a list of calls for the starter. Throws a RangeError for an unknown label, or a table that is too large. */
export function assembleTable(lines: readonly Line[], architecture: string): Table {
  const calls = lines.filter((line): line is Call => 'name' in line);
  const labels = placesOf(lines);
  const data = new DataPart(TABLE + HEADER + calls.length * CALL_SIZE);
  const numbers = callNumbers(CALLS[architecture] ?? 'x86_64');
  const words = calls.flatMap((call, index) => wordsOf(call, index, { numbers, data, labels }));
  const header = [BigInt(addressOf(0)), BigInt(placeOf(labels, LAST_RESORT)), 0n, 0n];
  const bytes = Buffer.concat([wordBytes([...header, ...words]), data.finish()]);
  if (bytes.length > TABLE_MAX) throw new RangeError(`a table of ${bytes.length} bytes`);
  return { bytes, calls: new Map(calls.map((call, index) => [addressOf(index), call])) };
}

interface Layout {
  readonly numbers: ReadonlyMap<string, number>;
  readonly data: DataPart;
  readonly labels: ReadonlyMap<Label, number>;
}

function wordsOf(call: Call, index: number, { numbers, data, labels }: Layout): readonly bigint[] {
  const number = numbers.get(call.name);
  if (number === undefined) throw new RangeError(`no system call \`${call.name}\``);
  const next = (label: Label | undefined) =>
    BigInt(label === undefined ? addressOf(index + 1) : placeOf(labels, label));
  const args = Array.from({ length: 6 }, (_, at) => data.wordFor(call.args[at] ?? 0));
  const mask = (call.tolerate ?? []).reduce((bits, errno) => bits | (1n << BigInt(errno)), 0n);
  return [
    BigInt(number),
    ...args,
    call.keep === undefined ? 0n : data.wordFor(call.keep),
    BigInt(call.expect ?? 0),
    next(call.onExpected),
    next(call.onOther),
    next(call.onTolerated),
    mask,
  ];
}

function addressOf(index: number): number {
  return TABLE + HEADER + index * CALL_SIZE;
}

/** Returns the index of the call that follows each label. */
function placesOf(lines: readonly Line[]): ReadonlyMap<Label, number> {
  const places = new Map<Label, number>();
  let index = 0;
  for (const line of lines) {
    if ('label' in line) places.set(line.label, addressOf(index));
    else index += 1;
  }
  return places;
}

function placeOf(labels: ReadonlyMap<Label, number>, label: Label): number {
  const place = labels.get(label);
  if (place === undefined) throw new RangeError(`no label \`${String(label)}\``);
  return place;
}

/** The data that calls point to. Each text is stored once. */
class DataPart {
  readonly #base: number;
  readonly #chunks: Uint8Array[] = [];
  readonly #texts = new Map<string, number>();
  readonly #words = new Map<readonly number[], number>();
  #length = 0;

  constructor(base: number) {
    this.#base = base;
  }

  wordFor(argument: Argument): bigint {
    if (typeof argument === 'bigint') return BigInt.asUintN(64, argument);
    if (typeof argument === 'number') return BigInt.asUintN(64, BigInt(argument));
    if (typeof argument === 'string') return BigInt(this.#text(argument));
    if (argument instanceof Uint8Array) return BigInt(this.#put(argument));
    if ('list' in argument) return BigInt(this.#list(argument.list));
    if ('program' in argument) return BigInt(this.#program(argument.program, argument.length));
    return BigInt(this.#pointer(argument));
  }

  finish(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  #text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const address = this.#put(Buffer.concat([bytesOfText(text), Buffer.of(0)]));
    this.#texts.set(text, address);
    return address;
  }

  #pointer({ words, offset }: WordPointer): number {
    const known = this.#words.get(words);
    const address = known ?? this.#put(wordBytes(words.map(BigInt)));
    this.#words.set(words, address);
    return address + (offset ?? 0);
  }

  #list(texts: readonly string[]): number {
    return this.#put(wordBytes([...texts.map((text) => BigInt(this.#text(text))), 0n]));
  }

  #program(instructions: Uint8Array, length: number): number {
    return this.#put(wordBytes([BigInt(length), BigInt(this.#put(instructions))]));
  }

  #put(bytes: Uint8Array): number {
    const address = this.#base + this.#length;
    const padding = -bytes.length & 7;
    this.#chunks.push(bytes, new Uint8Array(padding));
    this.#length += bytes.length + padding;
    return address;
  }
}

function wordBytes(words: readonly bigint[]): Buffer {
  return Buffer.from(new BigUint64Array(words).buffer);
}
