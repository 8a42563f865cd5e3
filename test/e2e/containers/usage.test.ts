/** pause, top, stats and update, with the built command line. The kernel's control groups are the judge. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerStats } from '../../../src/api/index.ts';
import { formatBinarySize, formatStats } from '../../../src/cli/commands/containers/usage/stats-table.ts';
import { selectProcesses } from '../../../src/container/usage/list-processes.ts';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('pause, top, stats, update');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'ps'] });

let store: ContainerStore;
test.before(async () => {
  if (process.getuid?.() !== 0) return;
  store = await openContainerStore('usage');
  const script = 'while :; do echo tick; sleep 0.05; done';
  await store.must('run', '-d', '--name', 'busy', '--network', 'none', 'bb', 'sh', '-c', script);
  await store.must('create', '--name', 'idle', '--network', 'none', 'bb', 'sleep', '60');
});
test.after(async () => {
  if (process.getuid?.() === 0) await store.must('rm', '-f', 'busy', 'idle');
});

const inspect = async (path: string) => (await store.must('inspect', '-f', `{{${path}}}`, 'busy')).trim();

asRoot('a paused container stands still, and goes on where it was', async () => {
  assert.is(await store.must('pause', 'busy'), 'busy\n');
  assert.is(await inspect('.State.Status'), 'paused');
  assert.match(await store.must('ps'), /\(Paused\)/);
  const before = await store.must('logs', 'busy');
  await sleep(300);
  assert.is(await store.must('logs', 'busy'), before);
  for (const args of [
    ['pause', 'busy'],
    ['exec', 'busy', 'true'],
    ['start', 'busy'],
  ]) {
    const refused = await store.mkimage(args);
    assert.is(refused.code, 1, args.join(' '));
    assert.match(refused.stderr, /paused/);
  }
  await store.must('unpause', 'busy');
  assert.is(await inspect('.State.Status'), 'running');
  await sleep(300);
  assert.ok((await store.must('logs', 'busy')).length > before.length);
  assert.match((await store.mkimage(['unpause', 'busy'])).stderr, /is not paused/);
  assert.match((await store.mkimage(['pause', 'idle'])).stderr, /is not running/);
  const told = await store.must('events', '--since', '1h', '--until', '0s', '--format', '{{.Action}}');
  assert.match(told, /^pause\nunpause$/m);
});

asRoot('a paused container can be stopped and removed', async () => {
  await store.must('run', '-d', '--name', 'frozen', '--network', 'none', 'bb', 'sleep', '600');
  await store.must('pause', 'frozen');
  await store.must('stop', '-t', '0', 'frozen');
  await store.must('start', 'frozen');
  await store.must('pause', 'frozen');
  await store.must('rm', '-f', 'frozen');
});

asRoot('top shows the processes of the container only, with the columns that ps is asked for', async () => {
  assert.match(await store.must('top', 'busy'), /^UID .* CMD\n.* sh -c while/);
  assert.match(await store.must('top', 'busy', '-o', 'pid,args'), /^PID +COMMAND\n\d+ +sh -c while/);
  assert.match((await store.mkimage(['top', 'busy', '-o', 'args'])).stderr, /Couldn't find PID field/);
  assert.match((await store.mkimage(['top', 'idle'])).stderr, /is not running/);
});

asRoot('stats measures what the kernel counts', async () => {
  const text = await store.must('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}} {{.MemUsage}}', 'busy');
  assert.match(text, /^busy [1-3] [\d.]+[KM]iB \/ [\d.]+GiB\n$/);
  assert.match(
    await store.must('stats', '--no-stream', '-a'),
    /^CONTAINER ID +NAME +CPU %[\s\S]* idle +0\.00% +0B \/ 0B/,
  );
  assert.match((await store.mkimage(['stats', '--no-stream', 'nothing'])).stderr, /No such container/);
});

asRoot('update changes limits of a running container, and its record', async () => {
  await store.must('update', '--memory', '64m', '--memory-swap', '128m', '--pids-limit', '70', '--cpus', '0.5', 'busy');
  assert.is(await inspect('.HostConfig.Memory'), String(64 * 2 ** 20));
  const { stdout } = await store.mkimage(['stats', '--no-stream', '--format', '{{.MemUsage}}', 'busy']);
  assert.match(stdout, / \/ 64MiB\n/);
  await store.must('update', '--memory', '256m', '--memory-swap', '512m', '--restart', 'on-failure:3', 'busy');
  assert.match(await store.must('stats', '--no-stream', '--format', '{{.MemUsage}}', 'busy'), / \/ 256MiB\n/);
  assert.is(await inspect('.HostConfig.RestartPolicy.MaximumRetryCount'), '3');
  assert.match((await store.mkimage(['update', '--memory', '1g', 'busy'])).stderr, /memoryswap limit/);
  assert.match((await store.mkimage(['update', 'busy'])).stderr, /provide one or more flags/);
  const pid = await inspect('.State.Pid');
  assert.match(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), /mkimage/);
});

test('lines of ps are kept by their process, and the last column keeps its words', () => {
  const output = 'UID   PID  CMD\nroot    1  init\nroot   17  sh -c  a b\n';
  assert.equal(selectProcesses(output, new Set([17])), {
    Titles: ['UID', 'PID', 'CMD'],
    Processes: [['root', '17', 'sh -c a b']],
  });
  assert.throws(() => selectProcesses('CMD\ninit\n', new Set([1])), /PID field/);
});

const cpu = (total: number, machine: number): ContainerStats['cpu_stats'] => ({
  cpu_usage: { total_usage: total, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  system_cpu_usage: machine,
  online_cpus: 4,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
});

test('the table of stats is computed as by the client of Docker', () => {
  const stats: ContainerStats = {
    id: 'a'.repeat(64),
    name: '/web',
    read: '',
    preread: '',
    pids_stats: { current: 3 },
    blkio_stats: { io_service_bytes_recursive: [{ major: 8, minor: 0, op: 'read', value: 4096 }] },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu(150, 1200),
    precpu_stats: cpu(100, 1000),
    memory_stats: { usage: 3 * 2 ** 20, stats: { total_inactive_file: 2 ** 20 }, limit: 8 * 2 ** 20 },
    networks: { eth0: { rx_bytes: 1500, tx_bytes: 10, ...NOTHING } },
  };
  const format = '{{.ID}} {{.CPUPerc}} {{.MemUsage}} {{.MemPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}';
  assert.is(
    formatStats([stats], { format, isWhole: false }),
    'aaaaaaaaaaaa 100.00% 2MiB / 8MiB 25.00% 1.5kB / 10B 4.1kB / 0B 3\n',
  );
  assert.equal([0, 1536, 5_000_000_000].map(formatBinarySize), ['0B', '1.5KiB', '4.657GiB']);
});

const NOTHING = { rx_packets: 0, rx_errors: 0, rx_dropped: 0, tx_packets: 0, tx_errors: 0, tx_dropped: 0 };

test.run();
