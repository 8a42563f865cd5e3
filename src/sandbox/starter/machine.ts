import { MkimageError } from '../../errors.ts';
import { elfProgram, type Machine } from './elf.ts';

/**
 * A program of a few instructions that makes the system calls of a table, one after the other, and nothing else. It needs no library,
 * no shell and no file, so it continues to run after the old root is unmounted. Its input (mounts, environment, secrets) is in memory
 * only.
 *
 * It maps the table from descriptor 4 at `TABLE`. The table starts with the address of the first call, the address of the call that
 * follows a failed call, and two words where the program stores the failed call and its errno. Each call is `CALL_WORDS` words of 64 bits:
 *
 *   0 number · 1 to 6 arguments · 7 where to put the result (or 0) · 8 a result to compare with ·
 *   9 the next call if equal · 10 if not · 11 the next after a tolerated error · 12 bit n: errno n is tolerated
 */
export const TABLE = 0x1000_0000;
export const TABLE_MAX = 0x0400_0000;
export const CALL_WORDS = 13;

const X64: Machine = {
  elf: 62,
  code: `
    b8 09000000                mov  eax, 9           ; mmap(TABLE, TABLE_MAX, read|write, private|fixed, 4, 0)
    bf 00000010                mov  edi, TABLE
    be 00000004                mov  esi, TABLE_MAX
    ba 03000000                mov  edx, 3
    41ba 12000000              mov  r10d, 0x12
    41b8 04000000              mov  r8d, 4
    4531c9                     xor  r9d, r9d
    0f05                       syscall
    488b1c25 00000010          mov  rbx, [TABLE]
    488b03                     mov  rax, [rbx]       ; next: number and arguments
    488b7b08                   mov  rdi, [rbx+8]
    488b7310                   mov  rsi, [rbx+16]
    488b5318                   mov  rdx, [rbx+24]
    4c8b5320                   mov  r10, [rbx+32]
    4c8b4328                   mov  r8, [rbx+40]
    4c8b4b30                   mov  r9, [rbx+48]
    0f05                       syscall
    488b4b38                   mov  rcx, [rbx+56]    ; keep the result
    4885c9                     test rcx, rcx
    7403                       jz   +3
    488901                     mov  [rcx], rax
    4885c0                     test rax, rax
    7812                       js   failed
    483b4340                   cmp  rax, [rbx+64]
    7506                       jne  other
    488b5b48                   mov  rbx, [rbx+72]
    ebc6                       jmp  next
    488b5b50                   mov  rbx, [rbx+80]    ; other:
    ebc0                       jmp  next
    48f7d8                     neg  rax              ; failed: is this errno tolerated?
    4883f83f                   cmp  rax, 63
    7710                       ja   fatal
    488b4b60                   mov  rcx, [rbx+96]
    480fa3c1                   bt   rcx, rax
    7306                       jnc  fatal
    488b5b58                   mov  rbx, [rbx+88]
    eba7                       jmp  next
    48891c25 10000010          mov  [TABLE+16], rbx  ; fatal: leave a word and go on with the last resort
    48890425 18000010          mov  [TABLE+24], rax
    488b1c25 08000010          mov  rbx, [TABLE+8]
    eb8d                       jmp  next`,
};

const ARM64: Machine = {
  elf: 183,
  code: `
    c81b80d2                   mov  x8, #222         ; mmap(TABLE, TABLE_MAX, read|write, private|fixed, 4, 0)
    0000a2d2                   mov  x0, TABLE
    0180a0d2                   mov  x1, TABLE_MAX
    620080d2                   mov  x2, #3
    430280d2                   mov  x3, #0x12
    840080d2                   mov  x4, #4
    050080d2                   mov  x5, #0
    010000d4                   svc  #0
    1300a2d2                   mov  x19, TABLE
    f40313aa                   mov  x20, x19
    730240f9                   ldr  x19, [x19]
    680240a9                   ldp  x8, x0, [x19]      ; next: number and arguments
    610a41a9                   ldp  x1, x2, [x19, #16]
    631242a9                   ldp  x3, x4, [x19, #32]
    655643a9                   ldp  x5, x21, [x19, #48]
    010000d4                   svc  #0
    550000b4                   cbz  x21, +8            ; keep the result
    a00200f9                   str  x0, [x21]
    c000f8b7                   tbnz x0, #63, failed
    765e44a9                   ldp  x22, x23, [x19, #64]
    786645a9                   ldp  x24, x25, [x19, #80]
    1f0016eb                   cmp  x0, x22
    f302989a                   csel x19, x23, x24, eq
    f4ffff17                   b    next
    e00300cb                   neg  x0, x0             ; failed: is this errno tolerated?
    1ffc00f1                   cmp  x0, #63
    c8000054                   b.hi fatal
    7a3240f9                   ldr  x26, [x19, #96]
    5a27c09a                   lsr  x26, x26, x0
    7a000036                   tbz  w26, #0, fatal
    732e40f9                   ldr  x19, [x19, #88]
    ecffff17                   b    next
    930201a9                   stp  x19, x0, [x20, #16] ; fatal: leave a word and go on with the last resort
    930640f9                   ldr  x19, [x20, #8]
    e9ffff17                   b    next`,
};

const MACHINES: Readonly<Record<string, Machine>> = { x64: X64, arm64: ARM64 };

/** Whether the program exists for an architecture, by Node's name. */
export function hasStarter(architecture: string): boolean {
  return Object.hasOwn(MACHINES, architecture);
}

/** The whole program as an ELF file (elf(5)): one header, one segment, the code. Throws `unsupported`. */
export function starterProgram(architecture: string): Buffer {
  const machine = MACHINES[architecture];
  if (machine === undefined) {
    throw new MkimageError('unsupported', `start step: there is no starter for ${architecture} processors`);
  }
  return elfProgram(machine);
}
