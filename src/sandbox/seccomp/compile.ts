import { MkimageError } from '../../errors.ts';
import { FilterAssembler } from './assembler.ts';
import { type CallArchitecture, callNumbers } from './numbers.ts';
import type { SeccompProfile, SeccompRule } from './profile.ts';

/** Architectures by their name in the runtime-spec: the kernel's number (linux/audit.h), and the system call table. */
const ARCHITECTURES: Readonly<Record<string, { readonly audit: number; readonly calls: CallArchitecture }>> = {
  SCMP_ARCH_X86_64: { audit: 0xc000_003e, calls: 'x86_64' },
  SCMP_ARCH_X86: { audit: 0x4000_0003, calls: 'i386' },
  SCMP_ARCH_AARCH64: { audit: 0xc000_00b7, calls: 'aarch64' },
  SCMP_ARCH_ARM: { audit: 0x4000_0028, calls: 'arm' },
};
/** x32 calls on x86-64 have an additional bit in the number. They are not in the list, so all of them are refused. */
const WITHOUT_TABLE: readonly string[] = ['SCMP_ARCH_X32'];

/** Offsets in `struct seccomp_data` (linux/seccomp.h). */
const NUMBER = 0;
const ARCHITECTURE = 4;
const ARGUMENTS = 16;

const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const KILL_PROCESS = 0x8000_0000;

type Condition = NonNullable<SeccompRule['args']>[number];

/** The action for a range of call numbers: a fixed result, or rules with conditions on arguments. */
interface Range {
  readonly from: number;
  readonly rules: readonly SeccompRule[];
}

/**
 * Compiles a profile of the runtime-spec to a filter program of the kernel (`struct sock_filter[]`, little-endian), with the semantics of
 * libseccomp: a rule without conditions has priority over rules with conditions, calls without a rule get the default action, and a
 * process of an architecture that is not in the profile is killed. Calls with a higher number than all calls of the profile return ENOSYS,
 * as with runc, so that programs use older calls. Throws `unsupported` for an architecture without a table.
 */
export function compileSeccomp(profile: SeccompProfile): Buffer {
  const assembler = new FilterAssembler();
  assembler.load(ARCHITECTURE);
  for (const name of profile.architectures) {
    if (WITHOUT_TABLE.includes(name)) continue;
    const architecture = ARCHITECTURES[name];
    if (architecture === undefined) {
      throw new MkimageError('unsupported', `compile seccomp profile: the system calls of ${name} are not known here`);
    }
    const other = assembler.newLabel();
    assembler.unless('==', architecture.audit, other);
    assembler.load(NUMBER);
    emitTree(assembler, profile, rangesOf(profile, architecture.calls));
    assembler.place(other);
  }
  assembler.answer(KILL_PROCESS);
  return assembler.finish();
}

/** Ranges of numbers with equal rules, in order; the last one has no end. */
function rangesOf({ syscalls }: SeccompProfile, architecture: CallArchitecture): readonly Range[] {
  const numbers = callNumbers(architecture);
  const byNumber = new Map<number, SeccompRule[]>();
  for (const rule of syscalls) {
    for (const name of rule.names) {
      const number = numbers.get(name);
      if (number !== undefined) byNumber.set(number, [...(byNumber.get(number) ?? []), rule]);
    }
  }
  const ranges: Range[] = [{ from: 0, rules: [] }];
  const begin = (from: number, rules: readonly SeccompRule[]) => {
    const last = ranges.at(-1)!;
    if (isSame(last.rules, rules)) return;
    if (last.from === from) ranges.pop();
    ranges.push({ from, rules });
  };
  for (const number of [...byNumber.keys()].sort((a, b) => a - b)) {
    begin(number, effectiveRules(byNumber.get(number)!));
    if (!byNumber.has(number + 1)) begin(number + 1, []);
  }
  return [...ranges.slice(0, -1), { from: ranges.at(-1)!.from, rules: [UNKNOWN_CALL] }];
}

const UNKNOWN_CALL: SeccompRule = { names: [], action: 'SCMP_ACT_ERRNO', errnoRet: 38 };

function effectiveRules(rules: readonly SeccompRule[]): readonly SeccompRule[] {
  const plain = rules.find(({ args }) => args === undefined || args.length === 0);
  return plain === undefined ? rules : [plain];
}

function isSame(some: readonly SeccompRule[], others: readonly SeccompRule[]): boolean {
  return some.length === others.length && some.every((rule, index) => rule === others[index]);
}

/** A binary search for the number, which is in the accumulator. */
function emitTree(assembler: FilterAssembler, profile: SeccompProfile, ranges: readonly Range[]): void {
  if (ranges.length === 1) {
    emitRules(assembler, profile, ranges[0]!.rules);
    return;
  }
  const middle = ranges.length >> 1;
  const lower = assembler.newLabel();
  assembler.unless('>=', ranges[middle]!.from, lower);
  emitTree(assembler, profile, ranges.slice(middle));
  assembler.place(lower);
  emitTree(assembler, profile, ranges.slice(0, middle));
}

function emitRules(assembler: FilterAssembler, profile: SeccompProfile, rules: readonly SeccompRule[]): void {
  for (const rule of rules) {
    const next = assembler.newLabel();
    for (const condition of rule.args ?? []) emitCondition(assembler, condition, next);
    assembler.answer(rule.action === 'SCMP_ACT_ALLOW' ? ALLOW : ERRNO | (rule.errnoRet ?? profile.defaultErrnoRet));
    assembler.place(next);
  }
  assembler.answer(ERRNO | profile.defaultErrnoRet);
}

/** Continues if the condition on a 64-bit argument holds, otherwise jumps to `next`. */
function emitCondition(assembler: FilterAssembler, { index, value, valueTwo, op }: Condition, next: string): void {
  const low = ARGUMENTS + 8 * index;
  const high = low + 4;
  switch (op) {
    case 'SCMP_CMP_EQ':
      emitEqual(assembler, { offset: high, value: highHalf(value) }, next);
      emitEqual(assembler, { offset: low, value: lowHalf(value) }, next);
      break;
    case 'SCMP_CMP_MASKED_EQ': // value is the mask, valueTwo what is left under it
      emitEqual(assembler, { offset: high, value: highHalf(valueTwo ?? 0), mask: highHalf(value) }, next);
      emitEqual(assembler, { offset: low, value: lowHalf(valueTwo ?? 0), mask: lowHalf(value) }, next);
      break;
    case 'SCMP_CMP_LT': // all values that are compared so fit in half
      emitEqual(assembler, { offset: high, value: 0 }, next);
      emitBelow(assembler, { offset: low, value }, next);
      break;
  }
}

interface FieldTest {
  readonly offset: number;
  readonly value: number;
  readonly mask?: number | undefined;
}

function emitEqual(assembler: FilterAssembler, { offset, value, mask }: FieldTest, next: string): void {
  assembler.load(offset);
  if (mask !== undefined) assembler.and(mask);
  assembler.unless('==', value, next);
}

function emitBelow(assembler: FilterAssembler, { offset, value }: FieldTest, next: string): void {
  const below = assembler.newLabel();
  assembler.load(offset);
  assembler.unless('>=', value, below);
  assembler.jump(next);
  assembler.place(below);
}

function lowHalf(value: number): number {
  return value % 2 ** 32;
}

function highHalf(value: number): number {
  return Math.floor(value / 2 ** 32);
}
