import { thisProcessor } from '../../host/index.ts';
import { ALLOWED_CALLS } from './calls.ts';

/** linux.seccomp of the runtime-spec (config-linux.md#seccomp). */
export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: 'SCMP_CMP_LT' | 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
  }[];
}

const EPERM = 1;
const ENOSYS = 38;

/** Architectures that a process may use: the machine's own and older ones that it supports. */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
  riscv64: ['SCMP_ARCH_RISCV64'],
};

/** Additional calls of one architecture. */
const ARCHITECTURE_CALLS: Readonly<Record<string, readonly string[]>> = {
  x64: ['arch_prctl', 'modify_ldt'],
  arm64: ['arm_fadvise64_64', 'arm_sync_file_range', 'sync_file_range2', 'breakpoint', 'cacheflush', 'set_tls'],
  s390x: ['s390_pci_mmio_read', 's390_pci_mmio_write', 's390_runtime_instr'],
  riscv64: ['riscv_flush_icache'],
};

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NEW_NAMESPACES = 0x7e02_0000;
/** PER_LINUX, PER_LINUX32, without address randomisation (both), and the query of the current value. */
const PERSONALITIES = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff] as const;
/** All families below AF_ALG (38), and those above it except AF_VSOCK (40). */
const SOCKET_FAMILIES_FROM = 38;
const SOCKET_FAMILIES = [39, 41, 42, 43, 44, 45] as const;

/** Docker's default profile for its default capabilities: what is not listed gets EPERM. */
export function seccompProfile(architecture: string = thisProcessor()): SeccompProfile {
  const equal = (value: number) => [{ index: 0, value, op: 'SCMP_CMP_EQ' }] as const;
  const cloneFlags = architecture === 's390x' ? 1 : 0;
  const noNamespaces = { index: cloneFlags, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' } as const;
  const unconditional = [...ALLOWED_CALLS, ...(ARCHITECTURE_CALLS[architecture] ?? []), 'chroot', ...TRACING];
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: ARCHITECTURES[architecture] ?? [],
    syscalls: [
      { names: unconditional, action: 'SCMP_ACT_ALLOW' },
      allow('socket', [{ index: 0, value: SOCKET_FAMILIES_FROM, op: 'SCMP_CMP_LT' }]),
      ...SOCKET_FAMILIES.map((family) => allow('socket', equal(family))),
      ...PERSONALITIES.map((personality) => allow('personality', equal(personality))),
      allow('clone', [noNamespaces]),
      // The flags of clone3 are in memory, which a filter cannot read. C libraries use clone if clone3 returns ENOSYS.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ],
  };
}

/** Safe since kernel 4.8, which applies the filter again after a tracer has changed a call. */
const TRACING = ['process_vm_readv', 'process_vm_writev', 'ptrace'] as const;

function allow(name: string, args: NonNullable<SeccompRule['args']>): SeccompRule {
  return { names: [name], action: 'SCMP_ACT_ALLOW', args };
}
