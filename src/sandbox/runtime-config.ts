import { readFileSync } from 'node:fs';
import { CAPABILITIES, MASKED_PATHS, READONLY_PATHS } from './confinement.ts';
import type { ProcessSpec } from './index.ts';
import type { Mount } from './mount-plan.ts';
import { seccompProfile } from './seccomp.ts';

export interface RuntimeConfig {
  /** Absolute path of the root, mounted already. */
  readonly root: string;
  readonly process: ProcessSpec;
  readonly mounts: readonly Mount[];
  readonly cgroupsPath: string;
}

/** JSON has no word for it, and JavaScript no number: 2^64 - 1 is RLIM_INFINITY. */
const UNLIMITED = '18446744073709551615';

/** The text of `config.json` (runtime-spec config.md and config-linux.md) for one step. */
export function runtimeConfig({ root, process, mounts, cgroupsPath }: RuntimeConfig): string {
  const sandboxed = process.security === 'sandbox';
  const config = {
    ociVersion: '1.0.2',
    root: { path: root },
    hostname: process.hostname,
    process: processOf(process),
    mounts: mounts.map(mountOf),
    linux: {
      namespaces: namespacesOf(process),
      cgroupsPath,
      resources: { devices: [{ allow: true, access: 'rwm' }] },
      ...(sandboxed ? { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS, seccomp: seccompProfile() } : {}),
    },
  };
  return JSON.stringify(config).replaceAll('"unlimited"', UNLIMITED);
}

function processOf(step: ProcessSpec): unknown {
  const capabilities = step.security === 'sandbox' ? CAPABILITIES : ownCapabilities();
  const names = capabilities.map((name) => `CAP_${name}`);
  return {
    terminal: false,
    user: { uid: step.uid, gid: step.gid, additionalGids: step.additionalGids, umask: 0o022 },
    args: step.args,
    env: step.env,
    cwd: step.cwd,
    capabilities: { bounding: names, effective: names, permitted: names },
    noNewPrivileges: false,
    rlimits: step.ulimits.map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      soft: soft < 0 ? 'unlimited' : soft,
      hard: hard < 0 ? 'unlimited' : hard,
    })),
  };
}

function mountOf({ type, source, target, options }: Mount): unknown {
  return { destination: `/${target}`, type, source, options };
}

function namespacesOf({ network }: ProcessSpec): readonly { readonly type: string }[] {
  const types = ['pid', 'ipc', 'uts', 'mount', ...(network === 'none' ? ['network'] : [])];
  return types.map((type) => ({ type }));
}

/** All that this process may hand on: asking a runtime for more would be refused. Bits as in linux/capability.h. */
function ownCapabilities(): readonly string[] {
  const bits = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'}`);
  return CAPABILITY_BITS.filter((_, bit) => (bits >> BigInt(bit)) & 1n);
}

const CAPABILITY_BITS: readonly string[] = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
];
