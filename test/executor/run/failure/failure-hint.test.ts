import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileTree } from '../../../../src/content/index.ts';
import { failureHint } from '../../../../src/executor/run/failure/failure-hint.ts';
import type { RunStep } from '../../../../src/plan/index.ts';
import { treeOf } from '../../../support/tree-of.ts';

const test = suite('hints of failed steps');

/** An ELF file for a machine, with a loader or without. */
function elf(machine: number, loader: string | undefined): Buffer {
  const file = Buffer.alloc(256);
  file.write('\x7fELF\x02\x01\x01', 'latin1');
  file.writeUInt16LE(machine, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  if (loader === undefined) return file;
  file.writeUInt32LE(3, 64);
  file.writeBigUInt64LE(128n, 72);
  file.writeBigUInt64LE(BigInt(loader.length + 1), 96);
  file.write(`${loader}\0`, 128);
  return file;
}

const OURS = process.arch === 'arm64' ? 183 : 62;
const FILES: Readonly<Record<string, string | Buffer>> = {
  'bin/sh': elf(OURS, undefined),
  'bin/env': elf(OURS, undefined),
  'src/crlf.sh': '#!/bin/sh\r\necho\r\n',
  'src/python.py': '#!/usr/bin/python3 -u\n',
  'src/env.py': '#!/bin/env python3\n',
  'src/good.sh': '#!/bin/sh\n',
  'usr/bin/glibc': elf(OURS, '/lib64/ld-linux.so.2'),
  'usr/bin/foreign': elf(22, undefined),
  'src/bad-elf': elf(OURS, 'x').subarray(0, 100),
};

function tree(): FileTree {
  const programs = Object.entries(FILES).map(([path, text]) => [path, { text, mode: 0o755 }] as const);
  return treeOf({ ...Object.fromEntries(programs), 'src/closed': { text: 'text', mode: 0o640 } });
}

function hintOf(code: number, tail: readonly string[], args: readonly string[] = ['/bin/sh', '-c', 'x']) {
  const step = { args, env: ['PATH=/usr/bin:/bin'], workdir: '/src', scripts: [] } as unknown as RunStep;
  return failureHint({ step, code, tail, tree: tree() });
}

const NOT_FOUND = (name: string): readonly string[] => [
  `/bin/sh: 1: ${name}: not found`,
  `/bin/sh: ${name}: not found`,
  `/bin/sh: line 1: ${name}: cannot execute: required file not found`,
  `bash: line 1: ${name}: /bin/sh\r: bad interpreter: No such file or directory`,
  `exec: "${name}": no such file or directory`,
];

const CASES: readonly (readonly [program: string, hint: RegExp])[] = [
  ['./crlf.sh', /^`\.\/crlf\.sh` has Windows line endings: .*`sed -i/],
  ['./python.py', /^`\.\/python\.py` exists, but its interpreter `\/usr\/bin\/python3` is not in the image$/],
  ['/src/env.py', /^`\/src\/env\.py` exists, but its interpreter `python3` is not in the image's PATH$/],
  ['glibc', /^`glibc` exists, but its loader `\/lib64\/ld-linux\.so\.2` is not in the image: it was built for another/],
  ['foreign', /^`foreign` is a program for s390x, and this machine is /],
  ['nope', /^`nope` is not in the image's PATH \(\/usr\/bin:\/bin\): is it installed\?$/],
  ['/opt/nope', /^`\/opt\/nope` is not in the image$/],
  ['/bin/zsh', /^`\/bin\/zsh` is not in the image: use a base that has a shell/],
  ['./closed', /^`\.\/closed` is not executable: it has mode 0640$/],
  ['/src', /^`\/src` is a directory$/],
];

for (const [program, hint] of CASES) {
  test(`${program}: what is wrong with it is seen, whoever complains`, async () => {
    for (const said of NOT_FOUND(program)) {
      assert.match((await hintOf(127, [said], said.startsWith('exec') ? [program] : undefined)) ?? '', hint, said);
    }
    assert.match((await hintOf(126, ['some output', `/bin/sh: 1: ${program}: Permission denied`])) ?? '', hint);
  });
}

test('env that finds no interpreter because of a carriage return', async () => {
  for (const name of ["'python3'$'\\r'", '‘python3\\r’', "'python3\r'"]) {
    assert.match(
      (await hintOf(127, [`/usr/bin/env: ${name}: No such file or directory`])) ?? '',
      /^a script has Windows/,
    );
  }
});

test('libraries that are not there are named', async () => {
  const glibc = './app: error while loading shared libraries: libpq.so.5: cannot open shared object file: No such file';
  const musl = 'Error loading shared library libpq.so.5: No such file or directory (needed by ./app)';
  for (const said of [glibc, musl]) assert.match((await hintOf(127, [said])) ?? '', /^the library `libpq\.so\.5`/);
});

test('arguments that are too many have a way out, and certificates too', async () => {
  assert.match((await hintOf(126, ['/bin/sh: 1: /bin/ls: Argument list too long'])) ?? '', /xargs/);
  for (const said of [
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    'javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path',
    "ERROR: The certificate of 'x' is not trusted.",
    'x509: certificate signed by unknown authority',
    'Err:1 https://x Certificate verification failed: The certificate is NOT trusted.',
    'npm error code SELF_SIGNED_CERT_IN_CHAIN',
  ]) {
    assert.match((await hintOf(1, ['before', said, 'after'])) ?? '', /--ca FILE/, said);
  }
});

test('a program that ended so itself gets no wrong advice', async () => {
  assert.is(await hintOf(1, ['make: *** [all] Error 1']), undefined);
  assert.is(await hintOf(127, ['./good.sh: 3: nothing']), 'command not found: is it installed, and in PATH?');
  assert.is(await hintOf(127, ['bad-elf: failed'], ['./bad-elf']), 'command not found: is it installed, and in PATH?');
});

test.run();
