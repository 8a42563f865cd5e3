import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createExitProgram, EXIT_CODE } from '../../src/sandbox/emulation/exit-program.ts';
import { probeEmulation } from '../../src/sandbox/emulation/probe-emulation.ts';
import { findRegistration } from '../../src/sandbox/emulation/registrations.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: programs for other processors');
const root = tempDir('emulation');

const EMULATORS = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i386',
  arm: 'arm',
  riscv64: 'riscv64',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  mips64le: 'mips64el',
  loong64: 'loongarch64',
};

for (const [architecture, name] of Object.entries(EMULATORS)) {
  const emulator = `qemu-${name}-static`;
  withNeeds(test, { programs: [emulator] })(`the program for ${architecture} ends with its code`, () => {
    const file = join(root, architecture);
    writeFileSync(file, createExitProgram(architecture)!, { mode: 0o755 });
    assert.is(spawnSync(emulator, [file]).status, EXIT_CODE);
  });
}

test('this machine runs its own programs, and leaves no file', () => {
  const own = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;
  const folder = join(root, 'probes');
  mkdirSync(folder);
  assert.equal(probeEmulation(own, folder), { canRun: true });
  for (const unknown of ['unknown', 'toString']) assert.equal(probeEmulation(unknown, folder), { canRun: true });
  assert.equal(readdirSync(folder), []);
});

/** A folder like /proc/sys/fs/binfmt_misc. */
function registered(name: string, entries: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries({ status: 'enabled\n', ...entries }))
    writeFileSync(join(folder, file), text);
  return folder;
}

const ARM64 = ['7f454c460201010000000000000000000200b700', 'ffffffffffffff00fffffffffffffffffeffffff'];
function entry(state: string, interpreter: string, flags: string): string {
  return `${state}\ninterpreter ${interpreter}\nflags: ${flags}\noffset 0\nmagic ${ARM64[0]}\nmask ${ARM64[1]}\n`;
}

test('finds the enabled registration that fits a program', () => {
  const folder = registered('some', {
    jar: 'enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n',
    'qemu-old': entry('disabled', '/old', ''),
    'qemu-aarch64': entry('enabled', '/usr/bin/qemu-aarch64-static', 'OCF'),
  });
  const program = createExitProgram('arm64')!;
  assert.equal(findRegistration(program, folder), {
    ...findRegistration(program, folder)!,
    interpreter: '/usr/bin/qemu-aarch64-static',
    flags: 'OCF',
  });
  assert.is(findRegistration(createExitProgram('s390x')!, folder), undefined);
});

test('bits outside of the mask make no difference', () => {
  const folder = registered('masked', { arm: entry('enabled', '/qemu', '') });
  const program = createExitProgram('arm64')!;
  program[7] = 3;
  assert.is(findRegistration(program, folder)?.interpreter, '/qemu');
  program[18] = 0;
  assert.is(findRegistration(program, folder), undefined);
});

test('a magic without a mask has to be equal, and a missing folder has no registrations', () => {
  const folder = registered('whole', { x: 'enabled\ninterpreter /x\nflags: F\noffset 1\nmagic 454c46\n' });
  assert.is(findRegistration(Buffer.from('\x7fELF'), folder)?.flags, 'F');
  assert.is(findRegistration(Buffer.from('\x7fELG'), folder), undefined);
  assert.is(findRegistration(Buffer.from(''), folder), undefined);
  assert.is(findRegistration(Buffer.from('\x7fELF'), join(root, 'missing')), undefined);
});

test.run();
