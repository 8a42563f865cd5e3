import { MkimageError } from '../../errors.ts';
import { compileSeccomp } from '../seccomp/compile.ts';
import { type SeccompProfile, type SeccompRule, seccompProfile } from '../seccomp/profile.ts';
import type { ContainerPrivileges } from './port.ts';

/** Calls that Docker's profile permits in addition to a process with a capability. */
const BY_CAPABILITY: Readonly<Record<string, string>> = {
  DAC_READ_SEARCH: 'open_by_handle_at',
  SYS_ADMIN:
    'bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree ' +
    'perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare',
  SYS_BOOT: 'reboot',
  SYS_MODULE: 'delete_module init_module finit_module',
  SYS_PACCT: 'acct',
  SYS_PTRACE: 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace',
  SYS_RAWIO: 'iopl ioperm',
  SYS_TIME: 'settimeofday stime clock_settime clock_settime64',
  SYS_TTY_CONFIG: 'vhangup',
  SYS_NICE: 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node',
  SYSLOG: 'syslog',
  BPF: 'bpf',
  PERFMON: 'perf_event_open',
};

const compiled = new Map<string, Buffer>();

/** Returns the filter program for a container; undefined without a filter. Throws `usage` for an invalid profile. */
export function filterOf({ seccomp, capabilities, isPrivileged }: ContainerPrivileges): Buffer | undefined {
  if (seccomp === 'unconfined' || (seccomp === 'default' && isPrivileged)) return undefined;
  const key = JSON.stringify([seccomp, capabilities]);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const program = compileSeccomp(
    seccomp === 'default' ? profileWith(capabilities) : readProfile(seccomp.profile, capabilities),
  );
  compiled.set(key, program);
  return program;
}

function profileWith(capabilities: ContainerPrivileges['capabilities']): SeccompProfile {
  const profile = seccompProfile();
  const more = Object.entries(BY_CAPABILITY).flatMap(([name, calls]): SeccompRule[] =>
    capabilities === 'all' || capabilities.includes(name)
      ? [{ names: calls.split(' '), action: 'SCMP_ACT_ALLOW' }]
      : [],
  );
  return { ...profile, syscalls: [...more, ...profile.syscalls] };
}

interface DockerProfile {
  readonly defaultAction?: string;
  readonly defaultErrnoRet?: number;
  readonly syscalls?: readonly DockerRule[];
}

interface DockerRule {
  readonly names?: readonly string[];
  readonly name?: string;
  readonly action?: string;
  readonly errnoRet?: number;
  readonly args?: SeccompRule['args'] | null;
  readonly includes?: { readonly caps?: readonly string[]; readonly arches?: readonly string[] };
  readonly excludes?: { readonly caps?: readonly string[]; readonly arches?: readonly string[] };
}

const ACTIONS = ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'];
const OPERATORS = ['SCMP_CMP_LT', 'SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ'];

/**
 * Reads a profile in Docker's format. Refuses what the compiler does not support: a rule must never be dropped, because the profile would
 * then permit more than its author wrote.
 */
function readProfile(text: string, capabilities: ContainerPrivileges['capabilities']): SeccompProfile {
  const profile = parse(text);
  if (profile.defaultAction !== 'SCMP_ACT_ERRNO') throw invalid(`the default action ${profile.defaultAction}`);
  const holds = (name: string) => capabilities === 'all' || capabilities.includes(name.replace(/^CAP_/, ''));
  const rules = (profile.syscalls ?? []).filter(
    ({ includes, excludes }) =>
      (includes?.caps ?? []).every(holds) &&
      !(excludes?.caps ?? []).some(holds) &&
      (includes?.arches ?? ['amd64', 'arm64']).some((name) => name === 'amd64' || name === 'arm64'),
  );
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: profile.defaultErrnoRet ?? 1,
    architectures: seccompProfile().architectures,
    syscalls: rules.map(readRule),
  };
}

function readRule({ names, name, action, errnoRet, args }: DockerRule): SeccompRule {
  if (action === undefined || !ACTIONS.includes(action)) throw invalid(`the action ${action}`);
  const unknown = (args ?? []).find(({ op }) => !OPERATORS.includes(op));
  if (unknown !== undefined) throw invalid(`the comparison ${unknown.op}`);
  return {
    names: names ?? (name === undefined ? [] : [name]),
    action: action as SeccompRule['action'],
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args !== undefined && args !== null && args.length > 0 && { args }),
  };
}

function parse(text: string): DockerProfile {
  try {
    return JSON.parse(text) as DockerProfile;
  } catch (cause) {
    throw new MkimageError('usage', `read seccomp profile: ${(cause as Error).message}`, { cause });
  }
}

function invalid(what: string): MkimageError {
  return new MkimageError('unsupported', `compile seccomp profile: ${what} is not supported`, {
    hint: 'use actions ALLOW and ERRNO with the comparisons LT, EQ and MASKED_EQ',
  });
}
