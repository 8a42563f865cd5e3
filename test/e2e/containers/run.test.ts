/** `run` and the life of a container, with the built command line. */
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { prepareHelloWorld } from '../../support/hello-world.ts';
import { mkimageIn } from '../../support/mkimage.ts';
import { withNeeds } from '../../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../../support/registry.ts';

const test = suite('run');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const withRegistry = withNeeds(test, { root: true, programs: ['gcc', 'skopeo', REGISTRY_PROGRAM] });

let store: ContainerStore;
test.before(async () => {
  if (process.getuid?.() === 0) store = await openContainerStore('run');
});

withRegistry('run hello-world pulls the image, runs it and prints the greeting', async () => {
  const context = join(store.home, 'hello-world');
  mkdirSync(context);
  prepareHelloWorld(context);
  await using registry = await startRegistry();
  const image = `${registry.host}/library/hello-world`;
  await store.must('build', '-q', '-o', `type=oci,dest=${join(store.home, 'hello.tar')}`, context);
  const { succeed } = await import('../../support/mkimage.ts');
  await succeed('skopeo', [
    'copy',
    '-q',
    '--dest-tls-verify=false',
    `oci-archive:${join(store.home, 'hello.tar')}`,
    `docker://${image}:latest`,
  ]);
  const other = mkimageIn(join(store.home, 'other'));
  const first = await other(['run', '--rm', image]);
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stdout, /^\nHello from mkimage!\n/);
  assert.match(first.stderr, /pull/);
  const second = await other(['run', '--rm', image]);
  assert.is(second.stderr, '');
});

asRoot('the exit code is that of the container, and 126 and 127 are for programs that cannot be started', async () => {
  const codeOf = async (...command: readonly string[]) => (await store.mkimage(['run', '--rm', 'bb', ...command])).code;
  assert.is(await codeOf('sh', '-c', 'exit 42'), 42);
  assert.is(
    await codeOf('sh', '-c', 'kill -9 $$; sleep 9'),
    0,
    'the first process of a namespace ignores its own signals',
  );
  assert.is(await codeOf('/bin/no-such-program'), 127);
  assert.is(await codeOf('/etc/passwd'), 126);
  assert.is((await store.mkimage(['run', '--rm', '--cap-add', 'NONSENSE', 'bb', 'true'])).code, 125);
  assert.is((await store.mkimage(['run', '--rm', '--pull', 'never', 'no-such-image'])).code, 125);
  assert.is((await store.must('ps', '-aq')).trim(), '', 'nothing is left');
});

asRoot('both outputs arrive, and standard input is passed on with -i', async () => {
  const both = await store.mkimage(['run', '--rm', 'bb', 'sh', '-c', 'echo out; echo err >&2']);
  assert.equal([both.stdout, both.stderr], ['out\n', 'err\n']);
  const text = 'line\n'.repeat(50_000);
  assert.is((await store.mkimage(['run', '--rm', '-i', 'bb', 'cat'], { input: text })).stdout, text);
  assert.is((await store.mkimage(['run', '--rm', 'bb', 'cat'], { input: text })).stdout, '');
});

asRoot('the process is the first of its namespace and gets what the flags say', async () => {
  writeFileSync(join(store.home, 'variables'), '# comment\nA=from file\nFROM_HERE\n');
  const flags = [
    '-e',
    'B=2',
    '-e',
    'FROM_IMAGE',
    '--env-file',
    join(store.home, 'variables'),
    '-w',
    '/tmp',
    '-u',
    'app',
    '--network',
    'none',
    '-h',
    'box',
  ];
  const script =
    'echo $$ $A $B $FROM_HERE $FROM_IMAGE; pwd; id -u; id -g; hostname; cat /etc/hostname; grep -c box /etc/hosts; echo $HOME';
  const { stdout } = await store.mkimage(['run', '--rm', ...flags, 'bb', 'sh', '-c', script], {
    env: { FROM_HERE: 'here' },
  });
  assert.equal(stdout.split('\n').slice(0, -1), [
    '1 from file 2 here',
    '/tmp',
    '1234',
    '5678',
    'box',
    'box',
    '1',
    '/home/app',
  ]);
});

asRoot('entrypoint, command, labels, hosts and DNS servers can be set', async () => {
  assert.is(await store.must('run', '--rm', 'bb'), 'from the image\n');
  assert.is(await store.must('run', '--rm', '--entrypoint', '/bin/echo', 'bb', 'a', 'b'), 'a b\n');
  const flags = ['--add-host', 'db:10.1.2.3', '--dns', '10.9.9.9', '--dns-search', 'example.org'];
  const files = await store.must('run', '--rm', ...flags, 'bb', 'cat', '/etc/hosts', '/etc/resolv.conf');
  assert.match(files, /^10\.1\.2\.3\tdb$/m);
  assert.match(files, /^nameserver 10\.9\.9\.9\nsearch example\.org$/m);
});

asRoot('a container without a shell and a read-only root runs', async () => {
  const result = await store.mkimage([
    'run',
    '--rm',
    '--read-only',
    '--tmpfs',
    '/tmp',
    'bb',
    'sh',
    '-c',
    'touch /x; touch /tmp/y && echo ok',
  ]);
  assert.match(result.stderr, /Read-only/);
  assert.is(result.stdout, 'ok\n');
});

asRoot('-d prints the id, and ps, logs, wait, inspect and rm know the container', async () => {
  const id = (
    await store.must(
      'run',
      '-d',
      '--name',
      'back',
      '--label',
      'a=b',
      'bb',
      'sh',
      '-c',
      'echo one; sleep 4; echo two >&2; exit 3',
    )
  ).trim();
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.match(await store.must('ps'), new RegExp(`^${id.slice(0, 12)} .* Up .*back$`, 'm'));
  assert.is(
    await store.must('ps', '--filter', 'label=a=b', '--format', '{{.ID}} {{.Names}}'),
    `${id.slice(0, 12)} back\n`,
  );
  assert.is((await store.must('wait', 'back')).trim(), '3');
  const logs = await store.mkimage(['logs', id.slice(0, 6)]);
  assert.equal([logs.stdout, logs.stderr], ['one\n', 'two\n']);
  assert.match(await store.must('ps', '-a'), /Exited \(3\)/);
  const [details] = JSON.parse(await store.must('inspect', 'back'));
  assert.equal(
    [details.Id, details.State.Status, details.State.ExitCode, details.Config.Labels.a],
    [id, 'exited', 3, 'b'],
  );
  assert.is(await store.must('inspect', '-f', '{{.State.ExitCode}} {{json .Config.Labels}}', 'back'), '3 {"a":"b"}\n');
  assert.is(await store.must('rm', 'back'), 'back\n');
  assert.is((await store.mkimage(['logs', 'back'])).code, 1);
});

asRoot('a stopped container starts again with the files that it wrote', async () => {
  await store.must('create', '--name', 'again', 'bb', 'sh', '-c', 'cat /count 2>/dev/null; echo run >> /count');
  for (const expected of ['', 'run\n', 'run\nrun\n']) assert.is(await store.must('start', '-a', 'again'), expected);
  assert.is(await store.must('logs', '--tail', '2', 'again'), 'run\nrun\n');
  await store.must('rm', 'again');
});

asRoot('stop sends the signal of the container, and kills one that does not stop', async () => {
  const trap = 'trap "echo stopping; exit 5" TERM; while :; do sleep 0.05; done';
  await store.must('run', '-d', '--name', 'polite', 'bb', 'sh', '-c', trap);
  await store.must('run', '-d', '--name', 'stubborn', '--stop-timeout', '1', 'bb', 'sleep', '100');
  await sleep(200);
  await store.must('stop', 'polite', 'stubborn');
  const codes = await store.must('inspect', '-f', '{{.State.ExitCode}}', 'polite', 'stubborn');
  assert.is(codes, '5\n137\n');
  assert.is(await store.must('logs', 'polite'), 'stopping\n');
  const running = await store.mkimage(['rm', 'polite', 'no-such']);
  assert.is(running.code, 1);
  assert.is(running.stdout, 'polite\n');
  await store.must('rm', 'stubborn');
});

asRoot('names are unique, and an ambiguous or unknown name is an error', async () => {
  await store.must('create', '--name', 'same', 'bb');
  const twice = await store.mkimage(['create', '--name', 'same', 'bb']);
  assert.match(twice.stderr, /Conflict\. The container name "\/same" is already in use by container "[0-9a-f]{64}"/);
  await store.must('rename', 'same', 'other');
  assert.match(await store.must('ps', '-a', '--format', '{{.Names}}'), /^other$/m);
  assert.match((await store.mkimage(['start', 'same'])).stderr, /No such container: same/);
  await store.must('rm', 'other');
});

asRoot('a container goes on if the command that runs it is killed, and no line of its output is lost', async () => {
  const script = 'i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.03; done; exit 6';
  const child = store.spawn(['run', '--name', 'orphan', 'bb', 'sh', '-c', script]);
  await untilRunning('orphan');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.is((await store.must('wait', 'orphan')).trim(), '6');
  const lines = (await store.must('logs', 'orphan')).trim().split('\n');
  assert.equal(
    lines,
    Array.from({ length: 40 }, (_, index) => `line ${index}`),
  );
  await store.must('rm', 'orphan');
});

asRoot('a container that ended unobserved has its output and exit code on file', async () => {
  const child = store.spawn(['run', '--name', 'unseen', 'bb', 'sh', '-c', 'sleep 1; echo late; exit 9']);
  await untilRunning('unseen');
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (let tries = 0; tries < 100 && runsIn(store.root, 'echo late'); tries++) await sleep(100);
  assert.match(await store.must('ps', '-a'), /Exited \(9\)/);
  assert.is(await store.must('logs', 'unseen'), 'late\n');
  await store.must('rm', 'unseen');
});

asRoot('many short containers, in turn and side by side, give the right exit codes and output', async () => {
  const listed = () =>
    readdirSync(join(store.root, 'containers-v1')).filter((name) => /^[0-9a-f]{64}$|^removed/.test(name));
  const before = listed().length;
  const runOne = async (code: number) => {
    const result = await store.mkimage(['run', '--rm', 'bb', 'sh', '-c', `echo out ${code}; exit ${code}`]);
    assert.equal([result.code, result.stdout], [code, `out ${code}\n`], result.stderr);
  };
  for (let round = 0; round < 5; round++) await Promise.all([1, 2, 3].map((each) => runOne(round * 3 + each)));
  assert.is(listed().length, before);
});

asRoot('a container protects its image', async () => {
  await store.must('create', '--name', 'holder', 'bb', 'echo', 'still here');
  await store.must('tag', 'bb', 'kept');
  await store.must('rmi', '--force', 'bb');
  await store.must('rmi', '--force', 'kept');
  await store.must('prune', '--all');
  assert.is(await store.must('start', '-a', 'holder'), 'still here\n');
  await store.must('rm', 'holder');
  await store.must('build', '-q', '-t', 'bb', join(store.home, 'context'));
});

asRoot('logs are cut and rotated, and can be selected by time and number', async () => {
  const script = 'i=0; while [ $i -lt 300 ]; do echo number $i; i=$((i+1)); done';
  const options = ['--log-opt', 'max-size=4k', '--log-opt', 'max-file=3'];
  const id = (await store.must('create', ...options, 'bb', 'sh', '-c', script)).trim();
  await store.must('start', '-a', id);
  const folder = join(store.root, 'containers-v1', id);
  const files = readdirSync(folder).filter((name) => name.includes('-json.log'));
  assert.is(files.length, 3);
  assert.ok(files.every((name) => readFileSync(join(folder, name)).length <= 4096));
  assert.is(await store.must('logs', '-n', '2', id), 'number 298\nnumber 299\n');
  assert.match(await store.must('logs', '-t', '-n', '1', id), /^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z number 299\n$/);
  assert.is(await store.must('logs', '--until', '2001-01-01T00:00:00Z', id), '');
  await store.must('rm', id);
});

asRoot('what has no effect is warned of, and what is not supported is refused', async () => {
  const published = await store.mkimage([
    'run',
    '--rm',
    '--network',
    'host',
    '-p',
    '8080:80',
    '--health-cmd',
    'true',
    'bb',
    'echo',
    'ran',
  ]);
  assert.is(published.stdout, 'ran\n');
  assert.match(published.stderr, /WARNING: Published ports are discarded/);
  assert.match(published.stderr, /WARNING: The health check of the container is not run/);
  for (const flags of [['--init'], ['--security-opt', 'apparmor=x'], ['--oom-score-adj', '5']]) {
    const refused = await store.mkimage(['run', '--rm', ...flags, 'bb', 'true']);
    assert.is(refused.code, 125);
    assert.match(refused.stderr, /not supported|are supported/);
  }
});

asRoot('container prune removes what does not run', async () => {
  await store.must('create', '--name', 'idle', 'bb');
  await store.must('run', '-d', '--name', 'busy', 'bb', 'sleep', '30');
  assert.match(
    await store.must('container', 'prune', '-f'),
    /^Deleted Containers:\n(?:[0-9a-f]{64}\n)+\nTotal reclaimed space: /,
  );
  assert.is(await store.must('ps', '-a', '--format', '{{.Names}}'), 'busy\n');
  assert.match((await store.mkimage(['rm', 'busy'])).stderr, /You cannot remove a running container/);
  await store.must('rm', '-f', 'busy');
});

asRoot('volumes are created, filled from the image, shared and removed', async () => {
  await store.must('run', '--rm', '-v', 'data:/etc', 'bb', 'sh', '-c', 'echo mine > /etc/own');
  assert.is(
    await store.must(
      'run',
      '--rm',
      '-v',
      'data:/data:ro',
      'bb',
      'sh',
      '-c',
      'cat /data/own; grep -c root /data/passwd',
    ),
    'mine\n1\n',
  );
  const denied = await store.mkimage(['run', '--rm', '-v', 'data:/data:ro', 'bb', 'touch', '/data/new']);
  assert.match(denied.stderr, /Read-only/);
  await store.must('create', '--name', 'user', '-v', 'data:/data', '-v', '/anonymous', 'bb');
  assert.match((await store.mkimage(['volume', 'rm', 'data'])).stderr, /volume is in use - \[[0-9a-f]{64}\]/);
  assert.is((await store.must('volume', 'ls', '-q')).trim().split('\n').length, 2);
  await store.must('rm', '-v', 'user');
  assert.is(await store.must('volume', 'ls', '-q'), 'data\n');
  await store.must('volume', 'rm', 'data');
});

asRoot('directories of the host are mounted, read-only if asked', async () => {
  const folder = join(store.home, 'mounted');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'of the host\n');
  assert.is(
    await store.must('run', '--rm', '-v', `${folder}:/m`, 'bb', 'sh', '-c', 'cat /m/file; echo new > /m/new'),
    'of the host\n',
  );
  assert.is(readFileSync(join(folder, 'new'), 'utf8'), 'new\n');
  const mount = `type=bind,source=${folder},target=/m,readonly`;
  assert.is((await store.mkimage(['run', '--rm', '--mount', mount, 'bb', 'touch', '/m/no'])).code, 1);
  const missing = `type=bind,source=${folder}/missing,target=/m`;
  assert.match(
    (await store.mkimage(['run', '--rm', '--mount', missing, 'bb'])).stderr,
    /bind source path does not exist/,
  );
});

test.run();

async function untilRunning(name: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { stdout } = await store.mkimage(['ps', '--filter', `name=${name}`, '-q']);
    if (stdout !== '') return;
    await sleep(50);
  }
  throw new Error(`${name} does not run`);
}

/** Looks at processes, because a command of mkimage would adopt the container. */
function runsIn(root: string, text: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text) &&
        !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(root)
      );
    } catch {
      return false;
    }
  });
}
