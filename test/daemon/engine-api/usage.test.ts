/** pause, top, stats and update through the daemon, with Debian's docker and with bare requests. */
import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DOCKER, startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('daemon: pause, top, stats, update');
const missing = existsSync(DOCKER) ? undefined : 'docker of Debian';
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'ps'], missing });

let daemon: TestDaemon;
test.before(async () => {
  if (process.getuid?.() !== 0 || missing !== undefined) return;
  daemon = await startDaemon('daemon-usage');
  await daemon.must('run', '-d', '--name', 'busy', '--network', 'none', 'bb', 'sh', '-c', 'while :; do sleep 1; done');
});
test.after(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

asRoot('docker pauses and unpauses', async () => {
  await daemon.must('pause', 'busy');
  assert.match(await daemon.must('ps'), /\(Paused\)/);
  assert.is((await daemon.ask('POST', '/v1.41/containers/busy/pause')).status, 409);
  assert.match((await daemon.docker(['exec', 'busy', 'true'])).stderr, /is paused, unpause/);
  await daemon.must('unpause', 'busy');
  assert.is((await daemon.ask('POST', '/v1.41/containers/busy/unpause')).status, 409);
  assert.is((await daemon.ask('POST', '/v1.41/containers/nothing/pause')).status, 404);
});

asRoot('docker top and stats show what they are asked for', async () => {
  assert.match(await daemon.must('top', 'busy', '-o', 'pid,args'), /^PID +COMMAND\n\d+ +sh -c/);
  const text = await daemon.must('stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}} {{.PIDs}}');
  assert.match(text, /^busy [\d.]+[KM]iB \/ [\d.]+GiB [12]\n$/);
});

asRoot('one measurement has the members that clients compute with', async () => {
  const { status, body } = await daemon.ask('GET', '/v1.41/containers/busy/stats?stream=false');
  const stats = JSON.parse(body) as Record<string, Record<string, unknown>>;
  assert.is(status, 200);
  assert.type(stats.cpu_stats!.system_cpu_usage, 'number');
  assert.type(stats.precpu_stats!.system_cpu_usage, 'number');
  assert.type(stats.memory_stats!.usage, 'number');
  const once = await daemon.ask('GET', '/v1.41/containers/busy/stats?stream=false&one-shot=true');
  assert.is(
    (JSON.parse(once.body) as Record<string, Record<string, unknown>>).precpu_stats!.system_cpu_usage,
    undefined,
  );
});

asRoot('docker update changes limits, and leaves the others', async () => {
  await daemon.must('update', '--memory', '64m', '--memory-swap', '64m', 'busy');
  await daemon.must('update', '--restart', 'always', '--pids-limit', '50', 'busy');
  const format = '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}';
  assert.is((await daemon.must('inspect', '-f', format, 'busy')).trim(), `${64 * 2 ** 20} 50 always`);
  assert.is((await daemon.ask('POST', '/v1.41/containers/busy/update', { Memory: 'much' })).status, 400);
});

test.run();
