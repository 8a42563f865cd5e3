import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
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

const RUNTIMES = [
  ['namespaces', 'unshare'],
  ['crun', 'crun'],
  ['runc', 'runc'],
] as const;

const SHELL = 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nCOPY --chmod=0644 text /text\n';
const CASES = [
  [
    'an image without a shell',
    'FROM scratch\nRUN echo\n',
    127,
    /hint: there is no `\/bin\/sh` in the image: take a base/,
  ],
  ['a program that is not there', `${SHELL}RUN ["nope", "x"]\n`, 127, /hint: there is no `nope` in the image\n$/],
  ['a command that is not there', `${SHELL}RUN nope\n`, 127, /hint: a command was not found: is it installed/],
  ['a file that is no program', `${SHELL}RUN ["/text"]\n`, 126, /hint: it may not be executed/],
  ['an exit code', `${SHELL}RUN exit 7\n`, 7, /did not complete successfully: exit code: 7\n$/],
] as const;

for (const [isolation, program] of RUNTIMES) {
  const asRoot = withNeeds(test, { root: true, programs: ['busybox', program] });
  for (const [title, input, status, hint] of CASES) {
    asRoot(`${isolation}: ${title}`, async () => {
      mkdirSync(folder, { recursive: true });
      copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
      writeFileSync(join(folder, 'text'), 'text\n');
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

test.run();
