/** Containers on a terminal: run -it, attach, exec -it and start -ai, typed by hand on a pseudo terminal. */
import { resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { withNeeds } from '../../support/needs.ts';
import { openTerminal } from '../../support/terminal-session.ts';

const test = suite('containers on a terminal');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const CLI = resolve('dist/cli.js');
const HOST = ['--network', 'host'];

let store: ContainerStore;
test.before(async () => {
  if (process.getuid?.() === 0) store = await openContainerStore('terminal');
});

const open = (...args: readonly string[]) =>
  openTerminal([process.execPath, CLI, ...args], { MKIMAGE_ROOT: store.root });
const DETACH = '\u0010\u0011';

asRoot('a shell on a terminal has its size, its changes, and its exit code', async () => {
  const session = open('run', '-it', '--rm', ...HOST, 'bb', 'sh');
  await session.see(/# /);
  session.type('stty size; tty\r');
  await session.see(/\n24 80\r\n\/dev\/console\r\n/);
  session.resize(100, 30);
  session.type('sleep 0.5; stty size\r');
  await session.see(/\n30 100\r\n/);
  session.type('echo ready; sleep 100\r');
  await session.see(/\nready\r\n/);
  session.type('\u0003');
  await session.see(/\^C/);
  session.type('echo code $?\r');
  await session.see(/\ncode 130\r\n/);
  session.type('exit 7\r');
  assert.is(await session.ended, 7);
  assert.is(await store.must('ps', '-aq'), '');
});

asRoot('the detach keys leave a container running, and attach comes back to it', async () => {
  const session = open('run', '-it', '--name', 'shell', ...HOST, 'bb', 'sh');
  await session.see(/# /);
  session.type('word=kept\r');
  await session.see(/# /);
  session.type(DETACH);
  assert.is(await session.ended, 0);
  assert.is((await store.must('inspect', '-f', '{{.State.Status}}', 'shell')).trim(), 'running');
  const again = open('attach', '--detach-keys', 'ctrl-x', 'shell');
  again.type('echo $word\r');
  await again.see(/\nkept\r\n/);
  again.type('\u0018');
  assert.is(await again.ended, 0);
  const last = open('attach', 'shell');
  last.resize(90, 25);
  last.type('sleep 0.5; stty size\r');
  await last.see(/\n25 90\r\n/);
  last.type('exit 5\r');
  assert.is(await last.ended, 5);
  await store.must('rm', 'shell');
});

asRoot('start -ai continues with a stopped shell, and exec -it has a terminal too', async () => {
  await store.must('create', '-it', '--name', 'stopped', ...HOST, 'bb', 'sh');
  const session = open('start', '-ai', 'stopped');
  await session.see(/# /);
  const other = open('exec', '-it', 'stopped', 'sh');
  await other.see(/# /);
  other.resize(70, 20);
  other.type('sleep 0.5; stty size; exit 3\r');
  await other.see(/\n20 70\r\n/);
  assert.is(await other.ended, 3);
  session.type('exit 4\r');
  assert.is(await session.ended, 4);
  await store.must('rm', 'stopped');
});

asRoot('attach without a terminal passes on input, output, errors and the exit code', async () => {
  const script = 'echo ready; while read line; do echo "got $line"; [ "$line" = stop ] && exit 9; done; echo end >&2';
  await store.must('run', '-di', '--name', 'reader', ...HOST, 'bb', 'sh', '-c', script);
  const { code, stdout } = await store.mkimage(['attach', 'reader'], { input: 'one\nstop\n' });
  assert.is(stdout, 'got one\ngot stop\n');
  assert.is(code, 9);
  assert.match(
    (await store.mkimage(['attach', 'reader'])).stderr,
    /cannot attach to a stopped container, start it first/,
  );
  await store.must('rm', 'reader');
  await store.must('run', '-d', '--name', 'quiet', ...HOST, 'bb', 'sleep', '600');
  await store.must('pause', 'quiet');
  const paused = await store.mkimage(['attach', 'quiet']);
  assert.match(paused.stderr, /cannot attach to a paused container, unpause it first/);
  assert.is(paused.code, 125);
  await store.must('rm', '-f', 'quiet');
});

asRoot('signals go to the container that is attached to, and --no-stdin keeps its input', async () => {
  const script = 'trap "echo terminated; exit 6" TERM; while :; do sleep 0.1; done';
  await store.must('run', '-d', '--name', 'signalled', ...HOST, 'bb', 'sh', '-c', script);
  const child = store.spawn(['attach', '--no-stdin', 'signalled'], 'pipe');
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  await new Promise((settle) => setTimeout(settle, 1500));
  child.kill('SIGTERM');
  assert.is(await new Promise((settle) => child.on('exit', settle)), 6);
  assert.is(text, 'terminated\n');
  await store.must('rm', 'signalled');
});

asRoot('wait prints the exit code of a container that removes itself, however early', async () => {
  for (let round = 0; round < 10; round += 1) {
    const id = (await store.must('create', '--rm', ...HOST, 'bb', 'sh', '-c', `exit ${round + 1}`)).trim();
    const waits = store.mkimage(['wait', id]);
    await new Promise((settle) => setTimeout(settle, 20 * round));
    await store.must('start', id);
    const { code, stdout } = await waits;
    // A wait that comes before the start sees a container that does not run.
    if (code === 0) assert.ok([`${round + 1}\n`, '0\n'].includes(stdout), stdout);
    else assert.unreachable('no exit code');
  }
});

test.run();
