import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readElf } from '../../../../src/executor/run/failure/elf.ts';

const test = suite('headers of ELF programs');

interface ElfSample {
  readonly machine: number;
  readonly loader?: string;
  readonly is64?: boolean;
  readonly isLittle?: boolean;
}

/** A header with one program header, which names the loader. */
function elfOf({ machine, loader, is64 = true, isLittle = true }: ElfSample): Buffer {
  const bytes = Buffer.alloc(256);
  const half = (value: number, at: number) =>
    isLittle ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const word = (value: number, at: number) => {
    if (is64) return isLittle ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeBigUInt64BE(BigInt(value), at);
    return isLittle ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  };
  bytes.writeUInt32BE(0x7f454c46, 0);
  bytes.writeUInt8(is64 ? 2 : 1, 4);
  bytes.writeUInt8(isLittle ? 1 : 2, 5);
  half(machine, 18);
  word(64, is64 ? 32 : 28);
  half(is64 ? 56 : 32, is64 ? 54 : 42);
  half(loader === undefined ? 0 : 1, is64 ? 56 : 44);
  if (loader === undefined) return bytes;
  if (isLittle) bytes.writeUInt32LE(3, 64);
  else bytes.writeUInt32BE(3, 64);
  word(160, 64 + (is64 ? 8 : 4));
  word(loader.length + 1, 64 + (is64 ? 32 : 16));
  bytes.write(loader, 160, 'latin1');
  return bytes;
}

test('machine and loader are read, for both sizes and byte orders', () => {
  for (const is64 of [true, false]) {
    for (const isLittle of [true, false]) {
      const head = elfOf({ machine: 243, loader: '/lib/ld.so', is64, isLittle });
      assert.equal(readElf(head), { machine: 'RISC-V', loader: '/lib/ld.so' }, `${is64} ${isLittle}`);
    }
  }
});

test('a static program has no loader, and an unknown machine no name', () => {
  assert.equal(readElf(elfOf({ machine: 183 })), { machine: 'AArch64', loader: undefined });
  assert.equal(readElf(elfOf({ machine: 9999 })), { machine: undefined, loader: undefined });
});

test('other and short files are no programs', () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('#!/bin/sh\n'),
    Buffer.alloc(64),
    elfOf({ machine: 62 }).subarray(0, 63),
  ])
    assert.is(readElf(bytes), undefined);
});

test('a header that points outside the read bytes gives no loader', () => {
  const far = elfOf({ machine: 62, loader: '/lib/ld.so' });
  far.writeBigUInt64LE(2n ** 60n, 32);
  assert.equal(readElf(far), { machine: 'x86-64', loader: undefined });
  const long = elfOf({ machine: 62, loader: '/lib/ld.so' });
  long.writeBigUInt64LE(2n ** 60n, 64 + 32);
  assert.equal(readElf(long), { machine: 'x86-64', loader: undefined });
});

test('any bytes are read without a failure', () => {
  const head = elfOf({ machine: 62, loader: '/lib/ld.so' });
  for (let at = 4; at < 64; at++) {
    for (const value of [0, 1, 2, 127, 255]) {
      const changed = Buffer.from(head);
      changed[at] = value;
      readElf(changed);
    }
  }
});

test('the program that runs this test is read', () => {
  const facts = readElf(readFileSync(process.execPath).subarray(0, 4096));
  const machines: Record<string, string> = { x64: 'x86-64', arm64: 'AArch64' };
  if (machines[process.arch] !== undefined) assert.is(facts?.machine, machines[process.arch]);
});

test.run();
