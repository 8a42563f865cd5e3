import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileSeccomp } from '../../src/sandbox/seccomp/compile.ts';
import { type CallArchitecture, callNumbers } from '../../src/sandbox/seccomp/numbers.ts';
import { type SeccompProfile, seccompProfile } from '../../src/sandbox/seccomp/profile.ts';

/** The filter program is run here, instruction by instruction, on every call of every architecture. */
const test = suite('sandbox: seccomp filter');

const AUDIT: Readonly<Record<CallArchitecture, number>> = {
  x86_64: 0xc000_003e,
  i386: 0x4000_0003,
  aarch64: 0xc000_00b7,
  arm: 0x4000_0028,
};
const PAIRS: readonly (readonly [string, CallArchitecture])[] = [
  ['x64', 'x86_64'],
  ['x64', 'i386'],
  ['arm64', 'aarch64'],
  ['arm64', 'arm'],
];

type Answer = 'allow' | 'kill' | number;

/** The kernel's interpreter of classic filter programs, as far as they are made here. */
function answerOf(program: Buffer, architecture: number, number: number, args: readonly bigint[] = []): Answer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(architecture, 4);
  for (const [index, arg] of args.entries()) data.writeBigUInt64LE(arg, 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const [code, yes, no, k] = [
      program.readUInt16LE(at * 8),
      program[at * 8 + 2]!,
      program[at * 8 + 3]!,
      program.readUInt32LE(at * 8 + 4),
    ];
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x05) at += k;
    else if (code === 0x15) at += accumulator === k ? yes : no;
    else if (code === 0x35) at += accumulator >= k ? yes : no;
    else if (code === 0x06) return k === 0x7fff_0000 ? 'allow' : k === 0x8000_0000 ? 'kill' : k & 0xffff;
    else throw new Error(`instruction ${code}`);
  }
}

for (const [node, architecture] of PAIRS) {
  test(`every call of ${architecture} gets the answer of the profile`, () => {
    const profile = seccompProfile(node);
    const program = compileSeccomp(profile);
    const numbers = callNumbers(architecture);
    const plain = new Map(
      profile.syscalls.flatMap((rule) => (rule.args === undefined ? rule.names.map((name) => [name, rule]) : [])) as [
        string,
        SeccompProfile['syscalls'][number],
      ][],
    );
    const conditional = new Set(profile.syscalls.flatMap((rule) => (rule.args === undefined ? [] : rule.names)));
    const newest = Math.max(...profile.syscalls.flatMap(({ names }) => names.map((name) => numbers.get(name) ?? 0)));
    let asked = 0;
    for (const [name, number] of numbers) {
      if (conditional.has(name)) continue;
      const rule = plain.get(name);
      const wanted =
        number > newest ? 38 : rule === undefined ? 1 : rule.action === 'SCMP_ACT_ALLOW' ? 'allow' : rule.errnoRet;
      assert.is(answerOf(program, AUDIT[architecture], number), wanted, name);
      asked += 1;
    }
    assert.ok(asked > 290);
    for (const number of [470, 999, 100_000, 0x3fff_ffff, 0x4000_0000, 0x4000_0001, 0xffff_ffff]) {
      assert.is(answerOf(program, AUDIT[architecture], number), number > newest ? 38 : 1, String(number));
    }
  });

  test(`arguments decide on ${architecture} where they should`, () => {
    const program = compileSeccomp(seccompProfile(node));
    const numbers = callNumbers(architecture);
    const ask = (name: string, ...args: bigint[]) =>
      answerOf(program, AUDIT[architecture], numbers.get(name) ?? -1, args);
    const newNamespaces = [0x2_0000n, 0x200_0000n, 0x400_0000n, 0x800_0000n, 0x1000_0000n, 0x2000_0000n, 0x4000_0000n];
    for (const flag of newNamespaces) assert.is(ask('clone', flag | 17n), 1, flag.toString(16));
    assert.is(ask('clone', 17n), 'allow');
    assert.is(ask('clone', 0x3d_0f00n), 'allow');
    assert.is(ask('clone3'), 38);
    assert.is(ask('personality', 0xffff_ffffn), 'allow');
    assert.is(ask('personality', 0x40000n), 1);
    const families = Array.from({ length: 50 }, (_, family) => family).filter(
      (family) => ask('socket', BigInt(family)) !== 'allow',
    );
    assert.equal(families, [38, 40, 46, 47, 48, 49]);
    assert.is(ask('socket', 2n + (1n << 32n)), 1);
    assert.is(ask('socket', 40n + (1n << 32n)), 1);
  });
}

test('a process of an architecture that is not named is killed', () => {
  assert.is(answerOf(compileSeccomp(seccompProfile('x64')), AUDIT.aarch64, 0), 'kill');
  assert.is(answerOf(compileSeccomp(seccompProfile('arm64')), AUDIT.x86_64, 0), 'kill');
});

test('what changes the kernel, its mounts or namespaces is refused on every architecture', () => {
  const refused =
    'mount umount2 pivot_root setns unshare bpf keyctl add_key request_key kexec_load init_module finit_module delete_module reboot swapon open_by_handle_at userfaultfd io_uring_setup perf_event_open move_mount fsopen fsmount open_tree mount_setattr fspick settimeofday clock_settime acct quotactl syslog';
  for (const [node, architecture] of PAIRS) {
    const program = compileSeccomp(seccompProfile(node));
    for (const name of refused.split(' ')) {
      const number = callNumbers(architecture).get(name);
      if (number !== undefined) assert.is(answerOf(program, AUDIT[architecture], number), 1, `${architecture} ${name}`);
    }
  }
});

test('an architecture without a table is refused and not left open', () => {
  assert.throws(() => compileSeccomp(seccompProfile('s390x')), /S390X/);
});

test.run();
