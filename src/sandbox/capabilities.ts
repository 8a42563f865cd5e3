import { readFileSync } from 'node:fs';
import { CAPABILITIES } from './confinement.ts';

/** Bits as in linux/capability.h. */
const BITS: readonly string[] = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
];

/** Sets of capabilities as the kernel prints them: bit n is capability n. */
export interface OwnCapabilities {
  readonly bounding: bigint;
  readonly permitted: bigint;
}

/** Reads the capabilities of this process (proc(5), `status`). */
export function ownCapabilities(): OwnCapabilities {
  const status = readFileSync('/proc/self/status', 'latin1');
  const set = (line: RegExp) => BigInt(`0x${line.exec(status)?.[1] ?? '0'}`);
  return { bounding: set(/^CapBnd:\t([0-9a-f]+)$/m), permitted: set(/^CapPrm:\t([0-9a-f]+)$/m) };
}

/** The capabilities of a sandboxed step: the same as in Docker. */
export function sandboxedCapabilities(): bigint {
  return capabilitySet(CAPABILITIES);
}

/** Returns the set of names without `CAP_`. All must be known. */
export function capabilitySet(names: readonly string[]): bigint {
  return names.reduce((set, name) => set | (1n << BigInt(BITS.indexOf(name))), 0n);
}

/** Returns true for the name of a capability, without `CAP_`. */
export function isCapability(name: string): boolean {
  return BITS.includes(name);
}

/** Returns the names without `CAP_`. Unknown bits are ignored. */
export function namesOfCapabilities(set: bigint): readonly string[] {
  return BITS.filter((_, bit) => (set >> BigInt(bit)) & 1n);
}
