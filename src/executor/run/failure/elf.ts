/**
 * The fields of an ELF file that decide whether it can be started: its machine and its loader (System V ABI, chapters
 * 4 and 5).
 */
export interface ElfFacts {
  /** undefined: a machine that is not in the table. */
  readonly machine: string | undefined;
  /** `/lib64/ld-linux-x86-64.so.2`; undefined for a static program. */
  readonly loader: string | undefined;
}

const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86',
  20: 'PowerPC',
  21: 'PowerPC 64',
  22: 's390x',
  40: 'ARM',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};

const PT_INTERP = 3;
const MOST_HEADERS = 64;

/**
 * Reads the first bytes of a file. Returns undefined if it is not an ELF file. Data beyond these bytes counts as
 * missing.
 */
export function readElf(head: Buffer): ElfFacts | undefined {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const isLittle = head[5] === 1;
  const half = (at: number): number => (isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at));
  return { machine: MACHINES[half(18)], loader: loaderOf(head, isLittle, half) };
}

function loaderOf(head: Buffer, isLittle: boolean, half: (at: number) => number): string | undefined {
  const is64 = head[4] === 2;
  const word = (at: number): number => {
    if (at + 8 > head.length) return Number.NaN;
    if (is64) return Number(isLittle ? head.readBigUInt64LE(at) : head.readBigUInt64BE(at));
    return isLittle ? head.readUInt32LE(at) : head.readUInt32BE(at);
  };
  const [table, size, count] = [word(is64 ? 32 : 28), half(is64 ? 54 : 42), half(is64 ? 56 : 44)];
  for (let index = 0; index < Math.min(count, MOST_HEADERS); index += 1) {
    const at = table + index * size;
    if (!(at + (is64 ? 56 : 32) <= head.length)) return undefined;
    const type = isLittle ? head.readUInt32LE(at) : head.readUInt32BE(at);
    if (type !== PT_INTERP) continue;
    const [offset, length] = [word(at + (is64 ? 8 : 4)), word(at + (is64 ? 32 : 16))];
    if (!(offset + length <= head.length)) return undefined;
    return head.toString('latin1', offset, offset + length).split('\0', 1)[0]!;
  }
  return undefined;
}
