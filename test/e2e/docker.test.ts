import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, run, succeed } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('Docker');
const root = tempDir('docker');
const socket = `unix://${join(root, 'docker.sock')}`;
const docker = (...args: string[]) => ['-H', socket, ...args];
const CLIENT = '/usr/bin/docker';

const daemon = process.getuid?.() === 0 ? await startDaemon() : undefined;
const judged = withNeeds(test, {
  root: true,
  programs: ['busybox', 'dockerd'],
  missing: daemon ? undefined : 'a dockerd that can start here',
});

judged('loads the archive and runs the image', async () => {
  const folder = join(root, 'hello');
  cpSync('fixtures/hello', folder, { recursive: true });
  copyFileSync(programPath('busybox') ?? '', join(folder, 'busybox'));
  const archive = join(root, 'hello.tar');
  const built = await mkimageIn(join(root, 'store'))([
    'build',
    '-t',
    'hello:d',
    '-o',
    `type=docker,dest=${archive}`,
    folder,
  ]);
  assert.is(built.code, 0, built.stderr);
  await succeed(CLIENT, docker('load', '-i', archive));
  const said = await succeed(CLIENT, docker('run', '--rm', '--network', 'host', 'hello:d'));
  assert.is(said, readFileSync(join(folder, 'greeting.txt'), 'utf8'));
});

test.after(async () => {
  if (!daemon) return;
  const ended = new Promise((settle) => daemon.on('exit', settle));
  daemon.kill('SIGTERM');
  await ended;
  await run('umount', [join(root, 'd/exec/netns/default')]);
});

test.run();

/** Debian's own daemon with a store of its own and no network of its own, or undefined if it does not come up. */
async function startDaemon() {
  const program = programPath('dockerd');
  if (program === undefined) return undefined;
  mkdirSync(join(root, 'd'), { recursive: true });
  const folders = [
    '--data-root',
    join(root, 'd/data'),
    '--exec-root',
    join(root, 'd/exec'),
    '--pidfile',
    join(root, 'd/pid'),
  ];
  const child = spawn(
    program,
    [...folders, '-H', socket, '--iptables=false', '--bridge=none', '--storage-driver=vfs'],
    {
      stdio: 'ignore',
    },
  );
  process.on('exit', () => child.kill('SIGKILL'));
  for (let tries = 0; tries < 150 && child.exitCode === null; tries++) {
    if ((await run(CLIENT, docker('version'))).code === 0) return child;
    await sleep(200);
  }
  child.kill('SIGKILL');
  return undefined;
}
