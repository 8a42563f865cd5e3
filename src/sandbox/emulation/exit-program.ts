/** Programs for many processors that only end with a certain code. Running one shows whether this machine can run such programs. */

/** The exit code of the programs. No shell ends with it by itself. */
export const EXIT_CODE = 42;

interface Processor {
  /** `e_machine` of elf(5). */
  readonly elf: number;
  readonly bits: 32 | 64;
  readonly isBigEndian?: boolean;
  /** `e_flags`: the ABI. */
  readonly flags?: number;
  /** `exit(42)` in hexadecimal, as it lies in memory. */
  readonly code: string;
}

/** By the names of image-spec. */
const PROCESSORS: Readonly<Record<string, Processor>> = {
  amd64: { elf: 62, bits: 64, code: 'b83c000000 bf2a000000 0f05' },
  arm64: { elf: 183, bits: 64, code: '400580d2 a80b80d2 010000d4' },
  '386': { elf: 3, bits: 32, code: 'b801000000 bb2a000000 cd80' },
  arm: { elf: 40, bits: 32, flags: 0x0500_0200, code: '2a00a0e3 0170a0e3 000000ef' },
  riscv64: { elf: 243, bits: 64, code: '1305a002 9308d005 73000000' },
  ppc64le: { elf: 21, bits: 64, flags: 2, code: '2a006038 01000038 02000044' },
  s390x: { elf: 22, bits: 64, isBigEndian: true, code: 'a729002a 0a01' },
  loong64: { elf: 258, bits: 64, flags: 0x43, code: '04a88003 0b748103 00002b00' },
  mips64le: { elf: 8, bits: 64, flags: 0x6000_0000, code: '2a000424 c2130224 0c000000' },
};

/** Returns the program as an ELF file, or undefined for an unknown processor. */
export function createExitProgram(architecture: string): Buffer | undefined {
  const processor = Object.hasOwn(PROCESSORS, architecture) ? PROCESSORS[architecture] : undefined;
  return processor && createElf(processor);
}

const ADDRESS = 0x40_0000n;

/** A header, one segment and the code (elf(5)). */
function createElf({ elf, bits, isBigEndian = false, flags = 0, code }: Processor): Buffer {
  const text = Buffer.from(code.replaceAll(' ', ''), 'hex');
  const [headerSize, segmentSize] = bits === 64 ? [64, 56] : [52, 32];
  const start = headerSize + segmentSize;
  const size = BigInt(start + text.length);
  const field = { half: 2, word: 4, address: bits / 8 } as const;
  const numbers: readonly (readonly [keyof typeof field, number | bigint])[] = [
    ['half', 2], // e_type: an executable at a fixed address
    ['half', elf],
    ['word', 1], // e_version
    ['address', ADDRESS + BigInt(start)], // e_entry
    ['address', headerSize], // e_phoff
    ['address', 0], // e_shoff
    ['word', flags],
    ...[headerSize, segmentSize, 1, 0, 0, 0].map((value) => ['half', value] as const),
    ['word', 1], // PT_LOAD
    ...(bits === 64 ? [['word', 5] as const] : []), // p_flags: read, execute
    ['address', 0], // p_offset
    ['address', ADDRESS],
    ['address', ADDRESS],
    ['address', size],
    ['address', size],
    ...(bits === 32 ? [['word', 5] as const] : []),
    ['address', 0x1000], // p_align
  ];
  const identity = Buffer.from([0x7f, 0x45, 0x4c, 0x46, bits / 32, isBigEndian ? 2 : 1, 1, ...Array(9).fill(0)]);
  return Buffer.concat([identity, ...numbers.map(([kind, value]) => numberOf(value, field[kind], isBigEndian)), text]);
}

function numberOf(value: number | bigint, size: number, isBigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  const used = bytes.subarray(0, size);
  return isBigEndian ? used.reverse() : used;
}
