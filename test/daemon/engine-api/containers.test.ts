/** The life of containers through the daemon, with Debian's docker and with bare requests. */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DOCKER, startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('daemon: containers');
const missing = existsSync(DOCKER) ? undefined : 'docker of Debian';
const asRoot = withNeeds(test, { root: true, programs: ['busybox'], missing });

let daemon: TestDaemon;
test.before(async () => {
  if (process.getuid?.() === 0 && missing === undefined) daemon = await startDaemon('daemon');
});
test.after(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

const host = ['--network', 'host'];

asRoot('docker shows a server, and what it is', async () => {
  assert.match(await daemon.must('version'), /Server: mkimage[\s\S]*API version: +1\.47 \(minimum version 1\.24\)/);
  assert.match(await daemon.must('info'), /Images: 1\n/);
});

asRoot('docker run gives output, errors, the exit code and the input', async () => {
  const both = await daemon.docker(['run', '--rm', ...host, 'bb', 'sh', '-c', 'echo out; echo err >&2; exit 7']);
  assert.equal(both, { code: 7, stdout: 'out\n', stderr: 'err\n' });
  assert.is((await daemon.docker(['run', '-i', '--rm', ...host, 'bb', 'cat'], 'typed\n')).stdout, 'typed\n');
  const unknown = await daemon.docker(['run', '--rm', ...host, 'bb', 'nosuch']);
  assert.is(unknown.code, 127);
  assert.match(unknown.stderr, /executable file not found/);
  assert.is(await daemon.must('ps', '-aq'), '');
});

asRoot('a container runs, is stopped, started again, and removed; both doors see it', async () => {
  const script = 'trap "exit 0" TERM; while :; do echo tick; sleep 1; done';
  const id = (await daemon.must('run', '-d', '--name', 'service', ...host, 'bb', 'sh', '-c', script)).trim();
  assert.is((await daemon.must('ps', '-q', '--no-trunc')).trim(), id);
  assert.is((await daemon.store.must('ps', '-q', '--no-trunc')).trim(), id);
  await daemon.must('stop', '-t', '5', 'service');
  assert.match(await daemon.must('logs', 'service'), /^tick\n/);
  assert.is(
    (await daemon.must('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'service')).trim(),
    'exited 0',
  );
  await daemon.must('start', 'service');
  await daemon.must('rename', 'service', 'renamed');
  assert.match((await daemon.docker(['rm', 'renamed'])).stderr, /stop the container/i);
  await daemon.must('rm', '-f', 'renamed');
  const filters = encodeURIComponent('{"container":{"service":true}}');
  const until = (Date.now() / 1000).toFixed(3);
  const events = await daemon.ask('GET', `/v1.41/events?since=1&until=${until}&filters=${filters}`);
  const actions = events.body
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { Action: string }).Action);
  assert.equal(actions.slice(0, 5), ['create', 'start', 'kill', 'die', 'stop']);
});

asRoot('a running container is attached to, from the daemon that did not start it', async () => {
  await daemon.must('create', '-i', '--name', 'echoing', ...host, 'bb', 'sh', '-c', 'read line; echo "got $line"');
  await daemon.store.must('start', 'echoing');
  await daemon.restart('SIGKILL');
  const attached = await daemon.docker(['attach', 'echoing'], 'word\n');
  assert.is(attached.stdout, 'got word\n');
  assert.is((await daemon.must('wait', 'echoing')).trim(), '0');
});

asRoot('a killed daemon loses no output, and the next one adopts what runs', async () => {
  const script = 'i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); sleep 0.1; done; exit 3';
  await daemon.must('run', '-d', '--name', 'writing', ...host, 'bb', 'sh', '-c', script);
  await daemon.restart('SIGKILL');
  assert.match(await daemon.must('ps', '--format', '{{.Names}}'), /^writing$/m);
  assert.is((await daemon.must('wait', 'writing')).trim(), '3');
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
  assert.is(await daemon.must('logs', 'writing'), lines.join(''));
});

asRoot('errors have the status and the text of Docker', async () => {
  const gone = await daemon.ask('GET', '/v1.41/containers/nothing/json');
  assert.is(gone.status, 404);
  assert.is(gone.headers['content-type'], 'application/json');
  assert.equal(JSON.parse(gone.body), { message: 'No such container: nothing' });
  assert.is((await daemon.ask('GET', '/v1.99/version')).status, 400);
  assert.is((await daemon.ask('GET', '/nothing')).body, '{"message":"page not found"}\n');
  assert.is((await daemon.ask('GET', '/swarm')).status, 503);
  const filters = encodeURIComponent('{"nonsense":["x"]}');
  assert.match((await daemon.ask('GET', `/containers/json?filters=${filters}`)).body, /invalid filter 'nonsense'/);
  assert.is((await daemon.ask('POST', '/containers/create', { Image: 'bb', Env: 5 })).status, 400);
  assert.match((await daemon.ask('POST', '/containers/create', { Image: 'no-image' })).body, /No such image: no-image/);
  await daemon.must('create', '--name', 'taken', 'bb');
  assert.is((await daemon.ask('POST', '/containers/create?name=taken', { Image: 'bb' })).status, 409);
  assert.is((await daemon.ask('POST', '/containers/taken/stop')).status, 304);
});

asRoot('broken requests harm nobody else', async () => {
  for (const bytes of [
    '\0\0\0',
    'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n',
    `GET / HTTP/1.1\r\nX: ${'y'.repeat(2 ** 21)}\r\n\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])
    await sendBytes(bytes);
  const body = await daemon
    .ask('POST', '/containers/create', { Image: 'x'.repeat(9 * 2 ** 20) })
    .catch(() => undefined);
  assert.ok(body === undefined || body.status === 413);
  assert.is((await daemon.ask('GET', '/_ping')).body, 'OK');
});

test.run();

/** Resolves when the daemon has answered or hung up. */
function sendBytes(bytes: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(daemon.socket, () => socket.write(bytes));
    socket.once('data', () => socket.destroy()).on('error', () => {});
    socket.setTimeout(10_000, () => {
      socket.destroy();
      reject(new Error('no answer to broken bytes'));
    });
    socket.once('close', () => resolve());
  });
}
