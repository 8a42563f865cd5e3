import { closeSync } from 'node:fs';
import { openDirectory } from '../files/exact-path.ts';
import { thisProcessor } from '../owners/this-process.ts';
import { addressOf, bindForeign, createSystemError, toCString } from './bind-foreign.ts';

const syscall = bindForeign('long syscall(long number, long command, void *attributes, ulong size)');

/** bpf(2): its number by Node's name of the architecture, commands and types of linux/bpf.h. */
const SYS_BPF: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };
const BPF_PROG_LOAD = 5;
const BPF_PROG_ATTACH = 8;
const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;
/** Programs of parent groups still apply. */
const BPF_F_ALLOW_MULTI = 2;
/** The size of `union bpf_attr` that both commands need. Every kernel with device programs accepts it. */
const ATTRIBUTES = 48;
const LICENSE = toCString('Apache-2.0');
const ENOSYS = 38;

/**
 * Attaches a device program (`struct bpf_insn[]`) to a control group of version 2. The kernel removes it with the group. Throws like
 * `node:fs` if the kernel refuses, or `unsupported` without the foreign function module.
 */
export function attachDeviceProgram(group: string, instructions: Buffer): void {
  const program = loadProgram(instructions);
  try {
    attach(program, group);
  } finally {
    closeSync(program);
  }
}

/** Everything that the kernel reads is in one buffer, which stays referenced during the call. */
function loadProgram(instructions: Buffer): number {
  const block = Buffer.concat([Buffer.alloc(ATTRIBUTES), instructions, LICENSE]);
  const at = addressOf(block) + BigInt(ATTRIBUTES);
  block.writeUInt32LE(BPF_PROG_TYPE_CGROUP_DEVICE, 0);
  block.writeUInt32LE(instructions.length / 8, 4);
  block.writeBigUInt64LE(at, 8);
  block.writeBigUInt64LE(at + BigInt(instructions.length), 16);
  return callBpf(BPF_PROG_LOAD, block);
}

function attach(program: number, group: string): void {
  const directory = openDirectory(group);
  try {
    const words = [directory, program, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI];
    callBpf(
      BPF_PROG_ATTACH,
      Buffer.concat([Buffer.from(Uint32Array.from(words).buffer), Buffer.alloc(ATTRIBUTES - 16)]),
    );
  } finally {
    closeSync(directory);
  }
}

function callBpf(command: number, block: Buffer): number {
  const number = SYS_BPF[thisProcessor()];
  if (number === undefined) throw createSystemError('bpf', 'device program', ENOSYS);
  const result = syscall(number, command, block, ATTRIBUTES);
  if (result < 0) throw createSystemError('bpf', 'device program');
  return result;
}
