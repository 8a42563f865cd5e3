import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownGroups } from '../../src/sandbox/devices/own-groups.ts';
import { compileDeviceProgram } from '../../src/sandbox/devices/program.ts';
import { controllerLine, DEVICE_RULES, type DeviceRule, runtimeRules } from '../../src/sandbox/devices/rules.ts';

const test = suite('sandbox: device rules');

const MKNOD = 1;
const READ = 2;
const WRITE = 4;

interface Access {
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  /** Bits of what is to be done. */
  readonly access: number;
}

/** The kernel's interpreter of programs (eBPF), as far as they are made here. */
function answerOf(program: Buffer, { type, major, minor, access }: Access): bigint {
  const request = Buffer.alloc(12);
  request.writeUInt32LE(((access << 16) | (type === 'b' ? 1 : 2)) >>> 0, 0);
  request.writeUInt32LE(major, 4);
  request.writeUInt32LE(minor, 8);
  const registers: (bigint | 'request')[] = [];
  registers[1] = 'request';
  const number = (register: number): bigint => {
    const value = registers[register];
    if (typeof value !== 'bigint') throw new Error(`register ${register} has no number`);
    return value;
  };
  for (let at = 0; at < program.length; at += 8) {
    const [code, both, distance, value] = [
      program.readUInt8(at),
      program.readUInt8(at + 1),
      program.readInt16LE(at + 2),
      program.readInt32LE(at + 4),
    ];
    const [to, from] = [both & 15, both >> 4];
    if (code === 0x61 && registers[from] === 'request') registers[to] = BigInt(request.readUInt32LE(distance));
    else if (code === 0xbf) registers[to] = number(from);
    else if (code === 0xb7) registers[to] = BigInt(value);
    else if (code === 0x57) registers[to] = number(to) & BigInt.asUintN(64, BigInt(value));
    else if (code === 0x77) registers[to] = number(to) >> BigInt(value);
    else if (code === 0x55) at += number(to) === BigInt.asUintN(64, BigInt(value)) ? 0 : distance * 8;
    else if (code === 0x95) return number(0);
    else throw new Error(`instruction ${code.toString(16)} at ${at / 8}`);
  }
  throw new Error('the program has no end');
}

const program = compileDeviceProgram(DEVICE_RULES);
const allows = (type: 'c' | 'b', major: number, minor: number, access: number): boolean =>
  answerOf(program, { type, major, minor, access }) === 1n;

test('the program lets a step open its own devices and terminals', () => {
  for (const minor of [3, 5, 7, 8, 9]) assert.ok(allows('c', 1, minor, READ | WRITE), `1:${minor}`);
  for (const minor of [0, 1, 2]) assert.ok(allows('c', 5, minor, READ | WRITE), `5:${minor}`);
  for (const minor of [0, 1, 255, 1_000_000]) assert.ok(allows('c', 136, minor, READ | WRITE), `136:${minor}`);
});

test('the program lets a step open nothing else, and not even for one kind of access', () => {
  const others: readonly (readonly ['c' | 'b', number, number])[] = [
    ['c', 1, 1],
    ['c', 1, 2],
    ['c', 1, 4],
    ['c', 1, 11],
    ['c', 5, 3],
    ['c', 10, 200],
    ['c', 10, 229],
    ['c', 137, 0],
    ['c', 0xffff_ffff, 0xffff_ffff],
    ['b', 1, 3],
    ['b', 7, 0],
    ['b', 8, 0],
    ['b', 136, 0],
    ['b', 254, 0],
  ];
  for (const [type, major, minor] of others) {
    for (const access of [READ, WRITE, READ | WRITE, READ | MKNOD]) {
      assert.not(allows(type, major, minor, access), `${type} ${major}:${minor} ${access}`);
    }
    assert.ok(allows(type, major, minor, MKNOD), `make ${type} ${major}:${minor}`);
  }
});

const rule: fc.Arbitrary<DeviceRule> = fc.record({
  type: fc.constantFrom('c', 'b'),
  major: fc.option(fc.nat(3), { nil: undefined }),
  minor: fc.option(fc.nat(3), { nil: undefined }),
  access: fc.constantFrom('m', 'rwm'),
});
const access: fc.Arbitrary<Access> = fc.record({
  type: fc.constantFrom('c', 'b'),
  major: fc.nat(3),
  minor: fc.nat(3),
  access: fc.integer({ min: 1, max: 7 }),
});

test('a program of any rules answers as the rules do', () => {
  const wanted = (rules: readonly DeviceRule[], asked: Access): boolean =>
    rules.some(
      ({ type, major = asked.major, minor = asked.minor, access: given }) =>
        type === asked.type &&
        major === asked.major &&
        minor === asked.minor &&
        (given === 'rwm' || asked.access === MKNOD),
    );
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), access, (rules, asked) => {
      assert.is(answerOf(compileDeviceProgram(rules), asked) === 1n, wanted(rules, asked));
    }),
  );
});

test('the same settings are written in the form of cgroup version 1', () => {
  assert.equal(DEVICE_RULES.map(controllerLine), [
    'c *:* m',
    'b *:* m',
    'c 1:3 rwm',
    'c 1:5 rwm',
    'c 1:7 rwm',
    'c 1:8 rwm',
    'c 1:9 rwm',
    'c 5:0 rwm',
    'c 5:1 rwm',
    'c 5:2 rwm',
    'c 136:* rwm',
  ]);
});

test('runtimes are told the same in theirs', () => {
  assert.equal(runtimeRules(DEVICE_RULES.slice(1, 3)), [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'b', major: -1, minor: -1, access: 'm' },
    { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
  ]);
});

const V1 = '36 31 0:33 / /sys/fs/cgroup/devices rw,relatime shared:9 - cgroup cgroup rw,devices\n';
const V2 = '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n';

test('on a hybrid system the group of the devices controller comes first', () => {
  const groups = '9:name=systemd:/a\n5:cpu,devices:/a/b\n0::/a/c\n';
  const mounts = `22 1 8:1 / / rw - ext4 /dev/sda1 rw\n${V2}${V1.replace('rw,devices', 'rw,cpu,devices')}`;
  assert.equal(ownGroups({ mounts, groups }), [
    { version: 1, path: '/sys/fs/cgroup/devices/a/b' },
    { version: 2, path: '/sys/fs/cgroup/unified/a/c' },
  ]);
});

test('in a container that shows a part of the hierarchy the group is looked for in that part', () => {
  const mounts = V1.replace(' / /sys/fs/cgroup/devices ', ' /docker/0a /cg\\040roups ');
  const found = (path: string) => ownGroups({ mounts, groups: `5:devices:${path}\n` }).map((group) => group.path);
  assert.equal(found('/docker/0a'), ['/cg roups']);
  assert.equal(found('/docker/0a/b:c'), ['/cg roups/b:c']);
  assert.equal(found('/docker/0ab'), []);
  assert.equal(found('/'), []);
  assert.equal(found('/../other'), []);
});

test('hierarchies that are read-only, of other controllers, or not there give no group', () => {
  const found = (mounts: string, groups = '5:devices:/\n0::/\n') => ownGroups({ mounts, groups });
  assert.equal(found(V1.replace('rw,relatime', 'ro,relatime')), []);
  assert.equal(found(V1.replace('rw,devices', 'ro,devices')), []);
  assert.equal(found(V1.replace('rw,devices', 'rw,memory')), []);
  assert.equal(found(V1, '4:memory:/\n'), []);
  assert.equal(found(V2.replace(' - cgroup2', ' - tmpfs')), []);
  assert.equal(found('a torn line\n\n36 31 0:33\n'), []);
  assert.equal(found('', ''), []);
});

test.run();
