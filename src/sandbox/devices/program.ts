import type { DeviceRule } from './rules.ts';

/**
 * Compiles the rules to a program for the kernel (BPF_PROG_TYPE_CGROUP_DEVICE). The kernel runs it at each access, and it returns 1 or 0.
 * Its input is a `struct bpf_cgroup_dev_ctx` (linux/bpf.h): type and access in one word, major, minor.
 */
export function compileDeviceProgram(rules: readonly DeviceRule[]): Buffer {
  return Buffer.concat([...READ_REQUEST, ...rules.flatMap(compileRule), ...answer(0)]);
}

/** Instruction set of Documentation/bpf/standardization/instruction-set.rst. */
const LOAD_WORD = 0x61; // BPF_LDX | BPF_MEM | BPF_W
const COPY = 0xbf; // BPF_ALU64 | BPF_MOV | BPF_X
const SET = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
const AND = 0x57; // BPF_ALU64 | BPF_AND | BPF_K
const SHIFT_RIGHT = 0x77; // BPF_ALU64 | BPF_RSH | BPF_K
const UNLESS_EQUAL = 0x55; // BPF_JMP | BPF_JNE | BPF_K
const EXIT = 0x95; // BPF_JMP | BPF_EXIT

const RESULT = 0;
const REQUEST = 1;
const TYPE = 2;
const ACCESS = 3;
const MAJOR = 4;
const MINOR = 5;

/** BPF_DEVCG_DEV_BLOCK, BPF_DEVCG_DEV_CHAR. */
const TYPES = { b: 1, c: 2 } as const;
/** BPF_DEVCG_ACC_READ and BPF_DEVCG_ACC_WRITE, which a rule for creating nodes only does not permit. */
const READ_WRITE = 6;

const READ_REQUEST: readonly Buffer[] = [
  instruction(LOAD_WORD, { to: TYPE, from: REQUEST }),
  instruction(COPY, { to: ACCESS, from: TYPE }),
  instruction(SHIFT_RIGHT, { to: ACCESS, value: 16 }),
  instruction(AND, { to: TYPE, value: 0xffff }),
  instruction(LOAD_WORD, { to: MAJOR, from: REQUEST, distance: 4 }),
  instruction(LOAD_WORD, { to: MINOR, from: REQUEST, distance: 8 }),
];

/** Returns 1 if all tests hold, otherwise continues after the rule. */
function compileRule({ type, major, minor, access }: DeviceRule): readonly Buffer[] {
  const tests: readonly (readonly [number, number])[] = [
    [TYPE, TYPES[type]],
    ...(major === undefined ? [] : [[MAJOR, major] as const]),
    ...(minor === undefined ? [] : [[MINOR, minor] as const]),
    ...(access === 'm' ? [[RESULT, 0] as const] : []),
  ];
  const prepare =
    access === 'm'
      ? [instruction(COPY, { to: RESULT, from: ACCESS }), instruction(AND, { to: RESULT, value: READ_WRITE })]
      : [];
  const found = answer(1);
  const jumps = tests.map(([register, value], index) =>
    instruction(UNLESS_EQUAL, { to: register, distance: tests.length - index - 1 + found.length, value }),
  );
  return [...prepare, ...jumps, ...found];
}

function answer(value: 0 | 1): readonly Buffer[] {
  return [instruction(SET, { to: RESULT, value }), instruction(EXIT, {})];
}

interface Operands {
  readonly to?: number;
  readonly from?: number;
  readonly distance?: number;
  readonly value?: number;
}

/** `struct bpf_insn`: code, the two registers, a distance, a value. */
function instruction(code: number, { to = 0, from = 0, distance = 0, value = 0 }: Operands): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8(to | (from << 4), 1);
  bytes.writeInt16LE(distance, 2);
  bytes.writeInt32LE(value, 4);
  return bytes;
}
