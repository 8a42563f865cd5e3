import { hasSingleId } from '../../host/index.ts';
import { namesOfCapabilities, type OwnCapabilities, sandboxedCapabilities } from '../capabilities.ts';
import type { ProcessSpec } from '../index.ts';
import type { Line } from './table.ts';

/** linux/prctl.h, linux/capability.h, linux/seccomp.h, linux/keyctl.h. */
const PR_CAPBSET_DROP = 24;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const CAPABILITY_VERSION_3 = 0x2008_0522;
const SECCOMP_SET_MODE_FILTER = 1;
const KEYCTL_JOIN_SESSION_KEYRING = 1;
const EPERM = 1;
const ENOSYS = 38;

/** setrlimit(2): names of limits to their numbers (asm-generic/resource.h). */
const LIMITS: readonly string[] = [
  ...['cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'nproc', 'nofile', 'memlock', 'as', 'locks', 'sigpending'],
  ...['msgqueue', 'nice', 'rtprio', 'rttime'],
];

export interface Privileges {
  readonly process: ProcessSpec;
  readonly own: OwnCapabilities;
  /** `struct sock_filter[]`; undefined for a step that asked to be insecure. */
  readonly filter: Uint8Array | undefined;
  /** Other capabilities than those of a step. */
  readonly capabilities?: bigint;
}

/** Changes the privileges of mkimage to those of the step. The order is important, because each call removes permissions. */
export function dropPrivileges({ process, own, filter, capabilities }: Privileges): readonly Line[] {
  const wanted = capabilities ?? (process.security === 'sandbox' ? sandboxedCapabilities() : own.permitted);
  const kept = wanted & own.permitted;
  return [
    ...newKeyring(),
    ...limits(process),
    ...dropFromBounding(own.bounding & ~wanted),
    setCapabilities(own.permitted), // nothing is inheritable from here on
    { name: 'prctl', args: [PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0], doing: 'drop ambient capabilities' },
    ...(filter === undefined ? [] : [loadFilter(filter)]),
    ...becomeUser(process),
    ...(process.uid === 0 ? [setCapabilities(kept)] : []), // any other user has lost all by becoming it
  ];
}

/** Creates a new session keyring, so that the step does not get that of mkimage. Ignores kernels and containers without keyrings. */
function newKeyring(): readonly Line[] {
  const tolerate = [EPERM, ENOSYS];
  return [{ name: 'keyctl', args: [KEYCTL_JOIN_SESSION_KEYRING, 0], doing: 'make a session keyring', tolerate }];
}

export function limits({ ulimits }: ProcessSpec): readonly Line[] {
  return ulimits.map(({ name, soft, hard }) => {
    const pair = Buffer.from(new BigInt64Array([BigInt(Math.max(soft, -1)), BigInt(Math.max(hard, -1))]).buffer);
    return { name: 'prlimit64', args: [0, LIMITS.indexOf(name), pair, 0], doing: `set the limit \`${name}\`` };
  });
}

function dropFromBounding(set: bigint): readonly Line[] {
  const bits = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (set >> BigInt(bit)) & 1n);
  return bits.map((bit) => {
    const name = namesOfCapabilities(1n << BigInt(bit))[0] ?? String(bit);
    return { name: 'prctl', args: [PR_CAPBSET_DROP, bit, 0, 0, 0], doing: `drop the capability ${name}` };
  });
}

/** Sets effective and permitted capabilities, and clears the inheritable ones. */
export function setCapabilities(set: bigint): Line {
  const header = Buffer.from(new Uint32Array([CAPABILITY_VERSION_3, 0]).buffer);
  const [low, high] = [Number(set & 0xffff_ffffn), Number(set >> 32n)];
  const data = Buffer.from(new Uint32Array([low, low, 0, high, high, 0]).buffer);
  return { name: 'capset', args: [header, data], doing: 'set capabilities' };
}

/** `struct sock_fprog` points to the filter, so both must be in the table. */
export function loadFilter(filter: Uint8Array): Line {
  const program = { program: filter, length: filter.length / 8 };
  return { name: 'seccomp', args: [SECCOMP_SET_MODE_FILTER, 0, program], doing: 'load the seccomp filter' };
}

function becomeUser({ uid, gid, additionalGids }: ProcessSpec): readonly Line[] {
  const groups = Buffer.from(new Uint32Array(additionalGids).buffer);
  return [
    // With a single id, the kernel refuses to change groups; they stand for nothing but files of the host, and a step sees none.
    {
      name: 'setgroups',
      args: [additionalGids.length, groups],
      doing: 'set groups',
      tolerate: hasSingleId() ? [EPERM] : [],
    },
    { name: 'setresgid', args: [gid, gid, gid], doing: `become group ${gid}` },
    { name: 'setresuid', args: [uid, uid, uid], doing: `become user ${uid}` },
  ];
}
