import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, run } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('mkimage as a process');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'unshare'] });
const root = tempDir('process');
const CLI = resolve('dist/cli.js');
const mkimage = mkimageIn(root);
const env = { ...process.env, MKIMAGE_ROOT: join(root, 'root') };

function context(name: string, dockerfile: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  return folder;
}

test('ends with 1 for an image that is not there', async () => {
  const { code, stdout, stderr } = await mkimage(['rmi', 'nobody']);
  assert.equal([code, stdout], [1, '']);
  assert.match(stderr, /^error: /);
});

test('ends with 1 and a plain message when the output cannot be written, or the directory is gone', async () => {
  for (const line of ['images >/dev/full', 'images --format json >/dev/full', '--help >/dev/full']) {
    const { code, stderr } = await run('bash', ['-c', `${process.execPath} ${CLI} ${line}`], { env });
    assert.is(code, 1, stderr);
    assert.match(stderr, /^error: write .*ENOSPC[^\n]*\n$/);
  }
  const gone = `mkdir ${root}/gone; cd ${root}/gone; rmdir ${root}/gone; ${process.execPath} ${CLI} images`;
  const { code, stderr } = await run('bash', ['-c', gone], { env });
  assert.is(code, 2);
  assert.match(stderr, /^error: the current directory no longer exists\n/);
});

test('ends with 2 for an output that is none, before it builds', async () => {
  const folder = context('output', 'FROM scratch\nLABEL a=b\n');
  const { code, stdout, stderr } = await mkimage(['build', '-o', 'type=zip,dest=x', folder]);
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, /zip/);
});

test('ends with 3 for a check that finds something, 0 for one that does not', async () => {
  const bad = context('bad', 'FROM scratch\nMAINTAINER me\n');
  const { code, stdout } = await mkimage(['build', '--check', bad]);
  assert.is(code, 3);
  assert.match(stdout, /MaintainerDeprecated/);
  assert.match(stdout, /2 \| >>> MAINTAINER me/);
  assert.match(stdout, /check complete: 1 warning found\n$/);
  const good = context('good', 'FROM scratch\nLABEL a=b\n');
  assert.equal(await mkimage(['build', '--check', good]), {
    code: 0,
    signal: null,
    stdout: 'check complete: no warnings found\n',
    stderr: '',
  });
});

test('shows the warnings of a build that succeeds, and the image ID alone on stdout', async () => {
  const folder = context('warned', 'FROM scratch\nMAINTAINER me\n');
  const { code, stdout, stderr } = await mkimage(['build', '--progress=plain', folder]);
  assert.is(code, 0);
  assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/);
  assert.match(stderr, /\n 1 warning found:\n - MaintainerDeprecated: /);
});

test('says nothing but the image ID with -q', async () => {
  const folder = context('quiet', 'FROM scratch\nMAINTAINER me\n');
  const { stdout, stderr } = await mkimage(['build', '-q', folder]);
  assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/);
  assert.is(stderr, '');
});

test('writes nothing but JSON lines with --progress=rawjson', async () => {
  const folder = context('rawjson', 'FROM scratch\nMAINTAINER me\nWORKDIR /a\n');
  const { stderr } = await mkimage(['build', '--progress=rawjson', folder]);
  const statuses = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(statuses.some(({ vertexes }) => vertexes?.[0].completed !== undefined));
  assert.is(statuses.at(-1).warnings[0].range[0].start.line, 2);
});

test('does not complain of a reader that has gone away', async () => {
  const { code, stderr } = await run('sh', ['-c', `'${process.execPath}' '${CLI}' build --help | true`], { env: {} });
  assert.equal([code, stderr], [0, '']);
});

/** A build whose RUN writes 20 MB of output, 2 MB of it in one line. */
function talkativeContext(name: string): string {
  const line = '/busybox head -c 2000000 /dev/zero';
  const lines = '/busybox yes | /busybox head -c 18000000';
  const folder = context(name, `FROM scratch\nCOPY busybox /\nRUN ["/busybox", "sh", "-c", "${line}; ${lines}"]\n`);
  copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
  return folder;
}

asRoot('builds to its end when the reader of its progress goes away, with the whole output in the log', async () => {
  const folder = talkativeContext('talkative');
  for (const mode of ['plain', 'rawjson', 'quiet']) {
    rmSync(join(root, 'root/logs'), { recursive: true, force: true });
    const build = `'${process.execPath}' '${CLI}' build --no-cache --progress=${mode} '${folder}'`;
    const { code, stdout } = await run('bash', ['-c', `set -o pipefail; ${build} 2> >(head -n 3 >&2)`], { env });
    assert.is(code, 0);
    assert.match(stdout, /^sha256:/);
    const [log] = readdirSync(join(root, 'root/logs'));
    assert.is(statSync(join(root, 'root/logs', log!)).size, 20_000_000);
  }
});

asRoot('ends at SIGTERM even if nobody reads its progress', async () => {
  const args = [CLI, 'build', '--no-cache', '--progress=plain', talkativeContext('unread')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((settle) => setTimeout(settle, 4000));
  const ended = new Promise((settle) => child.on('exit', settle));
  child.kill('SIGTERM');
  assert.is(await ended, 130);
});

/** A build whose RUN sleeps, once it does so. */
async function sleepingBuild(name: string) {
  const folder = context(
    name,
    `FROM scratch\nCOPY busybox /\nRUN ["/busybox", "sh", "-c", "echo ${name}; /busybox sleep 97"]\n`,
  );
  copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
  const child = spawn(process.execPath, [CLI, 'build', '--progress=plain', folder], { env });
  let stderr = '';
  const ended = new Promise<{ code: number | null; stderr: () => string }>((settle) => {
    child.on('close', (code) => settle({ code, stderr: () => stderr }));
  });
  await new Promise<void>((settle) => {
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (new RegExp(`\\d ${name}$`, 'm').test(stderr)) settle();
    });
    child.on('close', () => settle());
  });
  return { child, ended };
}

asRoot('ends with 130 at Ctrl-C, at once, with nothing left mounted', async () => {
  const { child, ended } = await sleepingBuild('once');
  const before = Date.now();
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  assert.is(code, 130, stderr());
  assert.ok(Date.now() - before < 5000);
  assert.match(stderr(), /error: cancelled/);
  assert.not.match(stderr(), /\n {4}at /);
  assert.not.ok(readFileSync('/proc/mounts', 'utf8').includes(root));
});

asRoot('ends with 130 at SIGTERM as well', async () => {
  const { child, ended } = await sleepingBuild('term');
  child.kill('SIGTERM');
  assert.is((await ended).code, 130);
});

test.run();
