import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { PTRACE, transferRegisters } from '../../host/index.ts';

/** Positions in `struct user_regs_struct` of x86-64 (sys/user.h). */
const ARGUMENTS = [14, 13, 12, 7, 9, 8] as const;
const RESULT = 10;
const CALL = 15;
const STACK = 19;
const REGISTERS = 27;
/** The compiler may use this many bytes below the stack pointer (System V ABI). */
const RED_ZONE = 128n;
const CHUNK = 4096;

/** The registers and the memory of a stopped process. Names are in latin1, one character for each byte. */
export class Tracee {
  readonly pid: number;
  #registers = new BigUint64Array(REGISTERS);
  #memory: number | undefined;
  #scratch = 0n;

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Reads the registers. Returns false if the process was killed meanwhile. */
  load(): boolean {
    const read = transferRegisters(PTRACE.getRegisters, this.pid, this.#registers);
    this.#scratch = this.#registers[STACK]! - RED_ZONE;
    return read;
  }

  store(): void {
    transferRegisters(PTRACE.setRegisters, this.pid, this.#registers);
  }

  get call(): number {
    return Number(BigInt.asIntN(32, this.#registers[CALL]!));
  }

  set call(number: number) {
    this.#registers[CALL] = BigInt.asUintN(64, BigInt(number));
  }

  get result(): number {
    return Number(BigInt.asIntN(64, this.#registers[RESULT]!));
  }

  set result(value: number) {
    this.#registers[RESULT] = BigInt.asUintN(64, BigInt(value));
  }

  argument(index: number): bigint {
    return this.#registers[ARGUMENTS[index]!]!;
  }

  number(index: number): number {
    return Number(BigInt.asIntN(32, this.argument(index)));
  }

  setArgument(index: number, value: bigint): void {
    this.#registers[ARGUMENTS[index]!] = value;
  }

  /** A copy of the registers, to restore them after a call with other arguments. */
  copy(): BigUint64Array {
    return this.#registers.slice();
  }

  /** Restores the arguments of a call, and keeps its result. */
  restore(registers: BigUint64Array): void {
    for (const index of ARGUMENTS) this.#registers[index] = registers[index]!;
  }

  /** Reads until the NUL. */
  string(address: bigint): string {
    let text = '';
    for (let at = address; ; ) {
      const wanted = CHUNK - Number(at % BigInt(CHUNK));
      const bytes = this.read(at, wanted);
      const end = bytes.indexOf(0);
      if (end >= 0) return text + bytes.toString('latin1', 0, end);
      text += bytes.toString('latin1');
      if (text.length > CHUNK) throw Object.assign(new Error('the path is too long'), { errno: -36 });
      at += BigInt(wanted);
    }
  }

  read(address: bigint, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    try {
      return bytes.subarray(0, readSync(this.#open(), bytes, 0, length, address));
    } catch (cause) {
      throw Object.assign(new Error('bad address', { cause }), { errno: -14 });
    }
  }

  write(address: bigint, bytes: Uint8Array): void {
    writeSync(this.#open(), bytes, 0, bytes.length, Number(address));
  }

  /** Puts bytes below the stack of the process. Returns their address, which is valid until the call ends. */
  push(bytes: Uint8Array): bigint {
    this.#scratch = (this.#scratch - BigInt(bytes.length)) & ~15n;
    this.write(this.#scratch, bytes);
    return this.#scratch;
  }

  /** A list of pointers, ended by 0. */
  pointers(address: bigint): readonly bigint[] {
    const found: bigint[] = [];
    for (let at = address; at !== 0n; at += 8n) {
      const pointer = this.read(at, 8).readBigUInt64LE();
      if (pointer === 0n) break;
      found.push(pointer);
    }
    return found;
  }

  /** After execve(2), the process has other memory. */
  close(): void {
    if (this.#memory !== undefined) closeSync(this.#memory);
    this.#memory = undefined;
  }

  #open(): number {
    this.#memory ??= openSync(`/proc/${this.pid}/mem`, 'r+');
    return this.#memory;
  }
}
