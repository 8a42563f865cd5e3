import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

/** Why steps were not in the cache, as a person reads it. */
const test = suite('reasons for running a step');
const root = tempDir('reasons');
const mkimage = mkimageIn(join(root, 'store'));
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'unshare'] });

function context(name: string): string {
  const folder = join(root, name);
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'a.txt'), name);
  writeFileSync(join(folder, 'etc/b.txt'), 'b');
  const busybox = programPath('busybox');
  if (busybox !== undefined) copyFileSync(busybox, join(folder, 'busybox'));
  return folder;
}

/** Step names (without their numbers) and the reasons why they ran. */
async function reasons(folder: string, input: string, ...flags: string[]): Promise<readonly string[]> {
  writeFileSync(join(folder, 'Dockerfile'), input);
  const { stderr } = await mkimage(['build', ...flags, folder]);
  const titles = new Map(
    [...stderr.matchAll(/^#(\d+) \[.*?\d+\/\d+\] (.*)$/gm)].map(([, number, name]) => [number, name]),
  );
  const found = [...stderr.matchAll(/^#(\d+) not cached: (.*)$/gm)];
  return found.map(([, number, reason]) => `${titles.get(number)?.split(' ')[0]}: ${reason}`);
}

test('a stage on a stage, and all after it, name the file that changed at the root', async () => {
  const folder = context('root');
  const input =
    'FROM scratch AS one\nCOPY a.txt /\nWORKDIR /one\nFROM one AS two\nWORKDIR /two\nFROM two\nWORKDIR /three\nCOPY etc /etc\n';
  assert.equal(new Set(await reasons(folder, input)).size, 2, 'first builds, of WORKDIR and COPY');
  assert.equal(await reasons(folder, input), []);
  writeFileSync(join(folder, 'a.txt'), 'another');
  const why = 'COPY a.txt changed (1 of 1 file: a.txt)';
  assert.equal(await reasons(folder, input), [
    `COPY: ${why}`,
    `WORKDIR: ${why}`,
    `WORKDIR: ${why}`,
    `WORKDIR: ${why}`,
    `COPY: ${why}`,
  ]);
});

test('the file is named too when it came back to what it was and only what is after it has to run', async () => {
  const folder = context('back');
  const one = 'FROM scratch AS one\nCOPY a.txt /\nFROM one\nWORKDIR /two\n';
  await reasons(folder, one);
  writeFileSync(join(folder, 'a.txt'), 'another');
  await reasons(folder, one);
  writeFileSync(join(folder, 'a.txt'), 'back');
  const two = one.replace('FROM one\n', 'FROM one\n').replace('/two', '/new');
  assert.equal(await reasons(folder, two), ['WORKDIR: path changed']);
});

asRoot('a step that failed is no first build, and those after it say so', async () => {
  const folder = context('failed');
  const shell = 'FROM scratch\nCOPY busybox /bin/sh\n';
  const input = (status: string) => `${shell}RUN exit ${status}\n`;
  assert.equal((await reasons(folder, input('1'))).at(-1), 'RUN: first build of this step');
  assert.equal(await reasons(folder, input('1')), ['RUN: it failed last time']);
  assert.equal(await reasons(folder, input('0')), ['RUN: it failed last time']);
  assert.equal(await reasons(folder, input('0')), []);
});

asRoot('build arguments, mounts and commands are called by their names', async () => {
  const folder = context('names');
  const input = (command: string) =>
    [
      'FROM scratch AS files',
      'COPY a.txt /x',
      'FROM scratch',
      'ARG VERSION',
      'ENV E=1',
      'COPY busybox /bin/sh',
      'RUN --mount=type=bind,source=etc/b.txt,target=/u true',
      'RUN --mount=type=bind,from=files,target=/f true',
      `RUN ${command}`,
      'WORKDIR /after',
    ].join('\n');
  await reasons(folder, input('true'), '--build-arg', 'VERSION=1');
  const second = await reasons(folder, input('true'), '--build-arg', 'VERSION=2');
  assert.is(second[0], 'RUN: build argument VERSION changed');
  const version = ['--build-arg', 'VERSION=2'];
  writeFileSync(join(folder, 'etc/b.txt'), 'other');
  assert.is((await reasons(folder, input('true'), ...version))[0], 'RUN: mount /u changed (1 of 1 file: etc/b.txt)');
  writeFileSync(join(folder, 'a.txt'), 'other');
  const mounted = await reasons(folder, input('true'), ...version);
  assert.ok(mounted.includes('RUN: mount /f changed (COPY a.txt changed (1 of 1 file: a.txt))'), mounted.join('\n'));
  const command = await reasons(folder, input('echo > /made'), ...version);
  assert.equal(command, ['RUN: command changed', 'WORKDIR: RUN echo > /made: command changed']);
});

test.run();
