/** Sockets of the daemon: who gets in, terminals, and what lives on. */
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DOCKER, startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('daemon: connections');
const missing = existsSync(DOCKER) ? undefined : 'docker of Debian';
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'script'], missing });

let daemon: TestDaemon;
test.before(async () => {
  if (process.getuid?.() === 0 && missing === undefined) daemon = await startDaemon('daemon-connections');
});
test.after(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

asRoot('the socket is for its owner and group', () => {
  assert.is(statSync(daemon.socket).mode & 0o777, 0o660);
});

asRoot('a second daemon does not take the socket away', async () => {
  const second = await daemon.store.mkimage(['daemon', '-H', `unix://${daemon.socket}`]);
  assert.is.not(second.code, 0);
  assert.match(second.stderr, /another daemon listens there/);
  const open = await daemon.store.mkimage(['daemon', '-H', 'tcp://0.0.0.0:0']);
  assert.match(open.stderr, /without a certificate/);
});

asRoot('a terminal is one in the container, and its exit code arrives', async () => {
  const command = `${DOCKER} -H unix://${daemon.socket} run -it --rm --network none bb sh -c 'test -t 0 && test -t 1 && echo terminal; exit 6'`;
  const { code, output } = await runScript(command);
  assert.match(output, /terminal\r\n/);
  assert.is(code, 6);
});

asRoot('dial-stdio passes a request and its reply', async () => {
  const request = 'GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const { code, stdout } = await daemon.store.mkimage(['system', 'dial-stdio', '-H', `unix://${daemon.socket}`], {
    input: request,
  });
  assert.is(code, 0);
  assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nOK$/);
});

asRoot('twenty runs at once have their own output and exit code', async () => {
  const runs = Array.from({ length: 20 }, async (_, index) => {
    const script = `echo ${index}; exit ${index}`;
    const { code, stdout } = await daemon.docker(['run', '--rm', '--network', 'none', 'bb', 'sh', '-c', script]);
    return [code, stdout];
  });
  assert.equal(
    await Promise.all(runs),
    Array.from({ length: 20 }, (_, index) => [index, `${index}\n`]),
  );
});

asRoot('containers live on when the daemon stops, and policies hold when it is back', async () => {
  await daemon.must('run', '-d', '--name', 'living', '--network', 'none', 'bb', 'sleep', '100');
  const pid = (await daemon.must('inspect', '-f', '{{.State.Pid}}', 'living')).trim();
  await daemon.restart('SIGTERM');
  assert.ok(existsSync(`/proc/${pid}`));
  assert.is((await daemon.must('inspect', '-f', '{{.State.Pid}} {{.State.Running}}', 'living')).trim(), `${pid} true`);
  await daemon.must('rm', '-f', 'living');
});

test.run();

function runScript(command: string): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const options = { timeout: 20_000, killSignal: 'SIGKILL' } as const;
    execFile('script', ['-qec', command, '/dev/null'], options, (error, output) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output }),
    );
  });
}
