import { AARCH64 } from './numbers/aarch64.ts';
import { ARM } from './numbers/arm.ts';
import { I386 } from './numbers/i386.ts';
import { X86_64 } from './numbers/x86-64.ts';

/** An architecture whose system calls are known here, by the kernel's own name for it. */
export type CallArchitecture = 'x86_64' | 'i386' | 'aarch64' | 'arm';

const LISTS: Readonly<Record<CallArchitecture, string>> = {
  x86_64: X86_64,
  i386: I386,
  aarch64: AARCH64,
  arm: ARM,
};

/** 32-bit ARM has calls of its own far above all others (arch/arm/include/uapi/asm/unistd.h), and a second name for one. */
const ARM_OWN: Readonly<Record<string, number>> = {
  sync_file_range2: 341,
  breakpoint: 0xf0001,
  cacheflush: 0xf0002,
  set_tls: 0xf0005,
};

const tables = new Map<CallArchitecture, ReadonlyMap<string, number>>();

/** Numbers of all system calls of an architecture, by name. */
export function callNumbers(architecture: CallArchitecture): ReadonlyMap<string, number> {
  const known = tables.get(architecture);
  if (known !== undefined) return known;
  const table = readList(LISTS[architecture]);
  if (architecture === 'arm') for (const [name, number] of Object.entries(ARM_OWN)) table.set(name, number);
  tables.set(architecture, table);
  return table;
}

function readList(list: string): Map<string, number> {
  const table = new Map<string, number>();
  let number = 0;
  for (const word of list.trim().split(/\s+/)) {
    if (word.startsWith('-')) number += Number(word.slice(1));
    else table.set(word, number++);
  }
  return table;
}
