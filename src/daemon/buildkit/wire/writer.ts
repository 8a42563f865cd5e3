import { WIRE_TYPE } from './reader.ts';

/** Writes the encoding of Protocol Buffers. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #small: number[] = [];

  writeNumber(field: number, value: bigint | number): void {
    this.#writeTag(field, WIRE_TYPE.varint);
    this.#writeVarint(value);
  }

  writeBytes(field: number, value: Uint8Array): void {
    this.#writeTag(field, WIRE_TYPE.bytes);
    this.#writeVarint(value.length);
    this.#flush();
    this.#parts.push(value);
  }

  finish(): Buffer {
    this.#flush();
    return Buffer.concat(this.#parts);
  }

  #writeTag(field: number, type: number): void {
    this.#writeVarint(field * 8 + type);
  }

  /** Negative numbers are written as 64 bits in two's complement. */
  #writeVarint(value: bigint | number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.#small.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#small.push(Number(rest));
  }

  #flush(): void {
    if (this.#small.length === 0) return;
    this.#parts.push(Uint8Array.from(this.#small));
    this.#small = [];
  }
}
