/** One instruction of a socket filter (linux/filter.h). Jumps have labels, which are replaced by distances at the end. */
type Instruction =
  | { readonly kind: 'load'; readonly offset: number }
  | { readonly kind: 'and'; readonly mask: number }
  | { readonly kind: 'return'; readonly value: number }
  | { readonly kind: 'jump'; readonly to: string }
  | { readonly kind: 'unless'; readonly test: FilterTest; readonly value: number; readonly to: string }
  | { readonly kind: 'label'; readonly name: string };

/** How the accumulator is compared with a value, unsigned. */
export type FilterTest = '==' | '>=' | '>';

/** BPF_JMP | BPF_K with BPF_JEQ, BPF_JGE, BPF_JGT. */
const TESTS: Readonly<Record<FilterTest, number>> = { '==': 0x15, '>=': 0x35, '>': 0x25 };
const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const JUMP = 0x05; // BPF_JMP | BPF_JA

/** Maximum number of instructions in the kernel (BPF_MAXINSNS). */
const MAX_LENGTH = 4096;
const SIZE = 8;

interface Jumps {
  readonly yes?: number | undefined;
  readonly no?: number | undefined;
}

/** Assembles a filter program. All jumps go forward, as the kernel requires. */
export class FilterAssembler {
  readonly #instructions: Instruction[] = [];
  #labels = 0;

  /** Creates a label for a later position. */
  newLabel(): string {
    this.#labels += 1;
    return `L${this.#labels}`;
  }

  place(name: string): void {
    this.#instructions.push({ kind: 'label', name });
  }

  /** Loads the 32-bit word at a byte offset of `struct seccomp_data`. */
  load(offset: number): void {
    this.#instructions.push({ kind: 'load', offset });
  }

  and(mask: number): void {
    this.#instructions.push({ kind: 'and', mask });
  }

  answer(value: number): void {
    this.#instructions.push({ kind: 'return', value });
  }

  jump(to: string): void {
    this.#instructions.push({ kind: 'jump', to });
  }

  /** Continues if the comparison holds, otherwise jumps to `to`. */
  unless(test: FilterTest, value: number, to: string): void {
    this.#instructions.push({ kind: 'unless', test, value, to });
  }

  /** The bytes of `struct sock_filter[]`, in the byte order of little-endian machines. */
  finish(): Buffer {
    const places = new Map<string, number>();
    let length = 0;
    for (const instruction of this.#instructions) {
      if (instruction.kind === 'label') places.set(instruction.name, length);
      else length += instruction.kind === 'unless' ? 2 : 1;
    }
    if (length > MAX_LENGTH) throw new RangeError(`a filter of ${length} instructions`);
    const bytes = Buffer.alloc(length * SIZE);
    let at = 0;
    const put = (code: number, k: number, { yes = 0, no = 0 }: Jumps = {}) => {
      bytes.writeUInt16LE(code, at * SIZE);
      bytes.writeUInt8(yes, at * SIZE + 2);
      bytes.writeUInt8(no, at * SIZE + 3);
      bytes.writeUInt32LE(k >>> 0, at * SIZE + 4);
      at += 1;
    };
    const distance = (to: string) => places.get(to)! - at - 1;
    for (const instruction of this.#instructions) {
      switch (instruction.kind) {
        case 'load':
          put(LOAD_WORD, instruction.offset);
          break;
        case 'and':
          put(AND, instruction.mask);
          break;
        case 'return':
          put(RETURN, instruction.value);
          break;
        case 'jump':
          put(JUMP, distance(instruction.to));
          break;
        case 'unless': // conditional jumps reach 255 instructions only, so a far one follows
          put(TESTS[instruction.test], instruction.value, { yes: 1 });
          put(JUMP, distance(instruction.to));
          break;
        case 'label':
          break;
      }
    }
    return bytes;
  }
}
