import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

/** What a failing RUN says, with each isolation. */
const test = suite('failing steps');
const root = tempDir('step-failures');
const mkimage = mkimageIn(join(root, 'store'));
const folder = join(root, 'app');

mkdirSync(folder);
writeFileSync(join(folder, 'text'), 'text\n');
writeFileSync(join(folder, 'crlf'), '#!/bin/sh\r\necho\r\n');
writeFileSync(join(folder, 'py'), '#!/usr/bin/python3\n');
symlinkSync('nowhere', join(folder, 'dangling'));
symlinkSync('.', join(folder, 'linked'));
const other = join(root, 'other');
mkdirSync(other);
const busybox = programPath('busybox');
if (busybox !== undefined) copyFileSync(busybox, join(folder, 'busybox'));

const RUNTIMES = [
  ['namespaces', 'unshare'],
  ['crun', 'crun'],
  ['runc', 'runc'],
] as const;

const SHELL = 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nCOPY --chmod=0644 text /text\n';
const SCRIPT = `${SHELL}COPY --chmod=0755 crlf py /\n`;
const TOO_LONG = 'x=$(busybox head -c 300000 /dev/zero | busybox tr "\\\\0" x); /bin/busybox true "$x"';
const CASES = [
  ['an image without a shell', 'FROM scratch\nRUN echo\n', 127, /hint: `\/bin\/sh` is not in the image: use a base/],
  ['a program that is not there', `${SHELL}RUN ["nope", "x"]\n`, 127, /hint: `nope` is not in the image's PATH/],
  ['a command that is not there', `${SHELL}RUN nope\n`, 127, /hint: `nope` is not in the image's PATH/],
  ['a script with carriage returns', `${SCRIPT}RUN /crlf\n`, 127, /hint: `\/crlf` has Windows line endings/],
  ['the same without a shell', `${SCRIPT}RUN ["/crlf"]\n`, '1(27)?', /hint: `\/crlf` has Windows line endings/],
  [
    'a script without its interpreter',
    `${SCRIPT}RUN ["/py"]\n`,
    '1(27)?',
    /but its interpreter `\/usr\/bin\/python3` is not/,
  ],
  ['arguments that are too many', `${SHELL}RUN ${TOO_LONG}\n`, 126, /hint: the kernel takes 128 KiB for one argument/],
  ['a file that is no program', `${SHELL}RUN ["/text"]\n`, 126, /hint: `\/text` is not executable: it has mode 0644/],
  ['an exit code', `${SHELL}RUN exit 7\n`, 7, /did not complete successfully: exit code: 7\n$/],
] as const;

for (const [isolation, program] of RUNTIMES) {
  const asRoot = withNeeds(test, { root: true, programs: ['busybox', program] });
  for (const [title, input, status, hint] of CASES) {
    asRoot(`${isolation}: ${title}`, async () => {
      const { code, stderr } = await mkimage(['build', '--isolation', isolation, '-f', '-', folder], { input });
      assert.is(code, 4, stderr);
      assert.match(
        stderr,
        new RegExp(`\\nerror: process \`.*\` did not complete successfully: exit code: ${status}\\n`),
      );
      assert.match(stderr, hint);
    });
  }
}

const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
asRoot('a user that is not there is a failed step', async () => {
  const { code, stderr } = await mkimage(['build', '-f', '-', folder], { input: `${SHELL}USER nobody\nRUN true\n` });
  assert.is(code, 4);
  assert.match(
    stderr,
    /look up user `nobody`: not in the image's \/etc\/passwd\nhint: create the user in an earlier step/,
  );
});

asRoot('a mount whose source is not there says what is', async () => {
  const input = `${SHELL}RUN --mount=type=bind,source=texd,target=/m true\n`;
  const { code, stderr } = await mkimage(['build', '-f', '-', folder], { input });
  assert.is(code, 4);
  assert.match(stderr, /error: `texd` is not in the context `.*`\nhint: similar: text\n$/);
});

/** Each with a step before it that takes longer than anybody waits. */
const MISSING = [
  ['COPY texd /', /`texd` is not in the context `.*`[\s\S]*hint: similar: text\n/],
  ['ADD texd text /x/', /`texd` is not in the context/],
  ['COPY --parents texd /', /`texd` is not in the context/],
  ['COPY --parents linked/text /', /`linked\/text` contains the symbolic link `linked`/],
  ['COPY [a-b /', /malformed|syntax|pattern/],
  ['COPY dangling /x', /`dangling` is a symbolic link to `nowhere`: `nowhere` is not in the context/],
  ['COPY --from=other gone /', /`gone` is not in the context `.*other`/],
  ['RUN --mount=type=bind,source=texd,target=/m true', /`texd` is not in the context/],
] as const;

for (const [instruction, message] of MISSING) {
  const input = `${SHELL}RUN --network=none while :; do :; done\n${instruction}\n`;
  const args = ['--build-context', `other=${other}`, '-f', '-', folder];
  asRoot(`${instruction}: is told while the steps before it run`, async () => {
    const { code, stderr } = await mkimage(['build', ...args], { input });
    assert.is(code, 4, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /\nDockerfile:6\n/);
  });
  test(`${instruction}: is told by --check`, async () => {
    const { code, stdout } = await mkimage(['build', '--check', ...args], { input });
    assert.is(code, 3, stdout);
    assert.match(stdout, message);
    assert.match(stdout, /^Dockerfile:6:1: error: /m);
    assert.match(stdout, /check complete: 1 error found\n$/);
  });
}

test('wildcards of --parents behind a link find nothing, and a warning says so', async () => {
  const input = 'FROM scratch\nCOPY --parents linked/te* /x/\n';
  const { code, stderr } = await mkimage(['build', '-f', '-', folder], { input });
  assert.is(code, 0, stderr);
  assert.match(stderr, /`linked\/te\*` contains the symbolic link `linked`/);
});

test('--check says nothing of sources that are there, may be none, or that only other targets need', async () => {
  const there = 'COPY text nothing* /x/\nCOPY --parents ./text /\nADD http://127.0.0.1:1/x /\n';
  const input = `FROM scratch AS unneeded\nCOPY gone /\nFROM scratch\n${there}`;
  const { code, stdout } = await mkimage(['build', '--check', '-f', '-', folder], { input });
  assert.equal([code, stdout], [0, 'check complete: no warnings found\n']);
});

for (const [flag, entitlement] of [
  ['--security=insecure', 'security.insecure'],
  ['--network=host', 'network.host'],
] as const) {
  const input = `${SHELL}RUN ${flag} true\n`;
  test(`${flag} is refused unless it is allowed`, async () => {
    const { code, stderr } = await mkimage(['build', '-f', '-', folder], { input });
    assert.is(code, 3);
    assert.match(stderr, new RegExp(`error: \`${entitlement}\` is not allowed \\(not-allowed\\)\n`));
    assert.match(stderr, new RegExp(`hint: if you trust this build file, use \`--allow ${entitlement}\`\n`));
  });
  asRoot(`${flag} is done with --allow ${entitlement}`, async () => {
    const { code, stderr } = await mkimage(['build', '--allow', entitlement, '-f', '-', folder], { input });
    assert.is(code, 0, stderr);
  });
}

test('--network host allows itself', async () => {
  const input = 'FROM scratch\nRUN --network=host true\n';
  const { stderr } = await mkimage(['build', '--network', 'host', '-f', '-', folder], { input });
  assert.not.match(stderr, /not-allowed/);
});

test('an entitlement that there is not is wrong usage', async () => {
  const { code, stderr } = await mkimage(['build', '--allow', 'security.insecur', folder]);
  assert.is(code, 2);
  assert.match(stderr, /unknown entitlement\nhint: did you mean `security\.insecure`\?\n$/);
});

test.run();
