import { MkimageError } from '../../../errors.ts';

/** How many values a message may have in all: empty ones cost two bytes each on the wire, and far more in memory. */
const MOST_VALUES = 1_000_000;
const LONGEST_VARINT = 10;

export const WIRE_TYPE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Counts the values of a message with all messages inside it. */
export interface Budget {
  left: number;
}

export function createBudget(): Budget {
  return { left: MOST_VALUES };
}

/**
 * Reads the encoding of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/) from bytes of another
 * program. Throws `usage` for bytes that are no message.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  readTag(budget: Budget): { readonly number: number; readonly type: number } {
    budget.left -= 1;
    if (budget.left < 0) throw createWireError(`more than ${MOST_VALUES} values`);
    const tag = Number(this.readVarint());
    const number = Math.floor(tag / 8);
    if (number < 1 || number > 0x1fff_ffff) throw createWireError(`field number ${number}`);
    return { number, type: tag % 8 };
  }

  /** An unsigned number of at most 64 bits. */
  readVarint(): bigint {
    const small = this.#bytes[this.#at];
    if (small !== undefined && small < 128) {
      this.#at += 1;
      return BigInt(small);
    }
    return this.#readLongVarint();
  }

  readBytes(): Buffer {
    const length = this.readVarint();
    const left = this.#bytes.length - this.#at;
    if (length > BigInt(left)) throw createWireError(`a value of ${length} bytes where ${left} are left`);
    this.#at += Number(length);
    return this.#bytes.subarray(this.#at - Number(length), this.#at);
  }

  /** Passes over the value of a field that nobody asked for. */
  skip(type: number): void {
    switch (type) {
      case WIRE_TYPE.varint:
        this.readVarint();
        return;
      case WIRE_TYPE.bytes:
        this.readBytes();
        return;
      case WIRE_TYPE.fixed32:
        this.#pass(4);
        return;
      case WIRE_TYPE.fixed64:
        this.#pass(8);
        return;
      default:
        throw createWireError(`wire type ${type}`);
    }
  }

  #pass(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw createWireError('it ends within a value');
  }

  #readLongVarint(): bigint {
    let value = 0n;
    for (let count = 0; count < LONGEST_VARINT; count += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw createWireError('it ends within a number');
      this.#at += 1;
      value |= BigInt(byte & 127) << BigInt(7 * count);
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw createWireError('a number of more than 64 bits');
  }
}

export function createWireError(why: string): MkimageError {
  return new MkimageError('usage', `read message: ${why}`);
}
