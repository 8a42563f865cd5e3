/** `exec`: other processes in a running container, with the built command line. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { run } from '../../support/mkimage.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('exec');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const inTerminal = withNeeds(test, { root: true, programs: ['busybox', 'script'] });

let store: ContainerStore;
test.before(async () => {
  if (process.getuid?.() !== 0) return;
  store = await openContainerStore('exec');
  await store.must('run', '-d', '--name', 'box', '-e', 'FROM_RUN=1', '--memory', '64m', 'bb', 'sleep', '1000');
});
test.after(async () => {
  if (process.getuid?.() === 0) await store.mkimage(['rm', '-f', 'box']);
});

const exec = (...args: readonly string[]) => store.mkimage(['exec', ...args]);
const sh = async (script: string, ...flags: readonly string[]) =>
  (await exec(...flags, 'box', 'sh', '-c', script)).stdout;

asRoot('the exit code is that of the command, 126 and 127 are for one that cannot be started', async () => {
  assert.is((await exec('box', 'true')).code, 0);
  assert.is((await exec('box', 'sh', '-c', 'exit 42')).code, 42);
  assert.is((await exec('box', 'sh', '-c', 'kill -9 $$')).code, 137);
  const missing = await exec('box', 'no-such-program');
  assert.is(missing.code, 127);
  assert.match(missing.stderr, /"no-such-program": executable file not found in \$PATH/);
  assert.is((await exec('box', '/etc/passwd')).code, 126);
});

asRoot('both outputs arrive, and standard input with -i only', async () => {
  const both = await exec('box', 'sh', '-c', 'echo out; echo err >&2');
  assert.equal([both.stdout, both.stderr], ['out\n', 'err\n']);
  const text = 'line\n'.repeat(50_000);
  assert.is((await store.mkimage(['exec', '-i', 'box', 'cat'], { input: text })).stdout, text);
  assert.is((await store.mkimage(['exec', 'box', 'cat'], { input: text })).stdout, '');
});

asRoot('the command has the environment, directory and user of the container, or those of the flags', async () => {
  assert.is(await sh('echo $FROM_RUN $FROM_IMAGE; pwd; id -u'), '1 yes\n/\n0\n');
  const flags = ['-e', 'FROM_RUN=2', '-e', 'MORE=3', '-w', '/tmp', '-u', 'app'];
  assert.is(await sh('echo $FROM_RUN $MORE $HOME; pwd; id -u; id -g', ...flags), '2 3 /home/app\n/tmp\n1234\n5678\n');
});

asRoot('the command is in all namespaces and control groups of the container', async () => {
  const pid = (await store.must('inspect', '--format', '{{.State.Pid}}', 'box')).trim();
  const [running, ...namespaces] = ['ipc', 'mnt', 'net', 'pid', 'uts', 'cgroup'];
  for (const name of [running, ...namespaces])
    assert.is(await sh(`readlink /proc/self/ns/${name}; readlink /proc/1/ns/${name}`), await twice(pid, name!), name);
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  await exec('-d', 'box', 'sleep', '31.4159');
  const joined = await pidOf('sleep\x0031.4159');
  assert.is(readFileSync(`/proc/${joined}/cgroup`, 'utf8'), groups);
  assert.match(await store.must('inspect', '--format', '{{len .ExecIDs}}', 'box'), /^1$/m);
  await sh('kill $(grep -l "^sleep.31.4159" /proc/[0-9]*/cmdline | cut -d/ -f3)');
});

async function twice(pid: string, name: string): Promise<string> {
  const { stdout } = await run('readlink', [`/proc/${pid}/ns/${name}`]);
  return stdout + stdout;
}

async function pidOf(commandLine: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const { stdout } = await run('grep', [
      '-la',
      `^${commandLine.replaceAll('\x00', '.')}`,
      '-r',
      '/proc',
      '--include=cmdline',
      '-s',
    ]);
    const [, pid] = /^\/proc\/(\d+)\/cmdline$/m.exec(stdout) ?? [];
    if (pid !== undefined) return pid;
    await sleep(20);
  }
  throw new Error(`no process \`${commandLine}\``);
}

asRoot('the command has no more rights than the container, and all capabilities with --privileged', async () => {
  const status = 'grep -E "^(CapEff|CapBnd|Seccomp|NoNewPrivs):" /proc/self/status';
  const ofContainer = (await sh(status.replace('self', '1'))).replace(/CapEff.*\n/, '');
  assert.is((await sh(status)).replace(/CapEff.*\n/, ''), ofContainer);
  assert.match(await sh(status), /CapEff:\s+00000000a80425fb/);
  assert.match(await sh(status, '-u', 'app'), /CapEff:\s+0000000000000000/);
  const [mine] = /^CapEff:.*\n/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  assert.ok((await sh(status, '--privileged')).includes(mine!));
  assert.match(await sh(status, '--privileged'), /Seccomp:\s+2/);
  assert.is((await exec('box', 'mknod', '/tmp/disk', 'b', '8', '0')).code, 0);
  assert.is((await exec('box', 'cat', '/tmp/disk')).code, 1, 'the device filter applies');
});

asRoot('no descriptor of this program is open in the command', async () => {
  assert.is(await sh('ls /proc/self/fd | wc -w'), '4\n', 'three, and that of ls itself');
});

asRoot('a command in the background goes on, and its output goes nowhere', async () => {
  const { code, stdout } = await exec('-d', 'box', 'sh', '-c', 'head -c 1000000 /dev/zero; echo done >/tmp/finished');
  assert.equal([code, stdout], [0, '']);
  for (let tries = 0; tries < 100 && (await sh('cat /tmp/finished 2>/dev/null')) === ''; tries++) await sleep(20);
  assert.is(await sh('cat /tmp/finished'), 'done\n');
});

asRoot('a container that does not run is refused, and so is one that does not exist', async () => {
  await store.must('create', '--name', 'idle', 'bb', 'true');
  const idle = await exec('idle', 'true');
  assert.is(idle.code, 1);
  assert.match(idle.stderr, /container [0-9a-f]{64} is not running/);
  assert.match((await exec('nobody', 'true')).stderr, /No such container: nobody/);
  await store.must('rm', 'idle');
});

asRoot('events tell what was executed, and how it ended', async () => {
  await exec('box', 'sh', '-c', 'exit 3');
  const events = await store.must('events', '--since', '1m', '--until', '0s', '--filter', 'container=box');
  assert.match(events, /container exec_create: sh -c exit 3 /);
  assert.match(events, /container exec_start: sh -c exit 3 /);
  assert.match(events, /container exec_die [0-9a-f]{64} \(execID=[0-9a-f]{64}, exitCode=3,/);
});

asRoot('exit codes are right however quickly the command ends', async () => {
  const codes = Array.from({ length: 12 }, (_, index) => index + 1);
  const got = await Promise.all(codes.map(async (code) => (await exec('box', 'sh', '-c', `exit ${code}`)).code));
  assert.equal(got, codes);
});

inTerminal('with -t the command has a terminal of the container, of the size of ours', async () => {
  const command = `stty rows 31 cols 97; ${process.execPath} ${process.cwd()}/dist/cli.js exec -it box sh`;
  const { stdout } = await run('script', ['-qec', command, '/dev/null'], {
    env: { MKIMAGE_ROOT: store.root },
    input: 'tty\nstty size\nps | grep -c [s]leep\nexit 5\n',
  });
  assert.match(stdout, /^\/dev\/pts\/0\r$/m);
  assert.match(stdout, /^31 97\r$/m);
});

test.run();
