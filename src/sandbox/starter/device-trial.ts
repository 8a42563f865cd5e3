import { elfProgram, type Machine } from './elf.ts';

/**
 * A program that tries to open `/device` and ends with 0 if it can, else with 1: whether a sandbox lets a step open a device
 * node of its own making.
 */
const MACHINES: Readonly<Record<string, Machine>> = {
  x64: {
    elf: 62,
    code: `
    b8 01010000                mov  eax, 257         ; openat(AT_FDCWD, path, O_RDONLY)
    bf 9cffffff                mov  edi, -100
    488d35 11000000            lea  rsi, [path]
    31d2                       xor  edx, edx
    0f05                       syscall
    48c1e8 3f                  shr  rax, 63          ; its sign
    89c7                       mov  edi, eax
    b8 e7000000                mov  eax, 231         ; exit_group(sign)
    0f05                       syscall
    2f64657669636500           path: "/device"`,
  },
  arm64: {
    elf: 183,
    code: `
    080780d2                   mov  x8, #56          ; openat(AT_FDCWD, path, O_RDONLY)
    600c8092                   mov  x0, #-100
    c1000010                   adr  x1, path
    020080d2                   mov  x2, #0
    010000d4                   svc  #0
    00fc7fd3                   lsr  x0, x0, #63      ; its sign
    c80b80d2                   mov  x8, #94          ; exit_group(sign)
    010000d4                   svc  #0
    2f64657669636500           path: "/device"`,
  },
};

/** The program as an ELF file, for the architectures that have a starter. */
export function deviceTrial(architecture: string): Buffer | undefined {
  const machine = MACHINES[architecture];
  return machine === undefined ? undefined : elfProgram(machine);
}
