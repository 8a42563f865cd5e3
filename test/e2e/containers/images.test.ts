/** Images of containers, with the built command line: GNU tar judges the archives. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pathsBelow } from '../../support/busybox-root.ts';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('images of containers');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'tar'] });
const CHANGE =
  'mkdir /made && echo new > /made/file && rm /bin/nc /home/app -r && chmod 700 /etc && ln /made/file /made/same && echo ready && exec sleep 600';

let store: ContainerStore;
test.before(async () => {
  if (process.getuid?.() !== 0) return;
  store = await openContainerStore('container-images');
  const place = ['--network', 'none', '-v', 'data:/data', '-e', 'OWN=1', '-l', 'of=tests'];
  await store.must('run', '-d', '--name', 'busy', ...place, 'bb', 'sh', '-c', CHANGE);
  for (let waited = 0; waited < 100 && (await store.must('logs', 'busy')) === ''; waited++) await sleep(100);
});
test.after(async () => {
  if (process.getuid?.() === 0) await store.must('rm', '-f', '-v', 'busy');
});

asRoot('diff lists what was changed, added and deleted, and no mounts', async () => {
  const expected = [
    'C /bin',
    'D /bin/nc',
    'C /etc',
    'C /home',
    'D /home/app',
    'A /made',
    'A /made/file',
    'A /made/same',
  ];
  assert.equal((await store.must('diff', 'busy')).trim().split('\n'), expected);
  await store.must('create', '--name', 'fresh', '--network', 'none', 'bb');
  assert.is(await store.must('diff', 'fresh'), '');
  await store.must('rm', 'fresh');
  assert.is((await store.must('ps', '--format', '{{.Status}}')).includes('Paused'), false);
});

asRoot('an image of a container has its changes and its settings, and instructions change them', async () => {
  const changes = [
    '-c',
    'CMD ["cat","/made/file"]',
    '-c',
    'ENV MORE=2',
    '-c',
    'LABEL x=y',
    '-c',
    'EXPOSE 80',
    '-c',
    'WORKDIR /made',
  ];
  const id = (await store.must('commit', '-a', 'me', '-m', 'a message', ...changes, 'busy', 'made:1')).trim();
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  const [{ Id, Author, Comment, Config }] = JSON.parse(await store.must('inspect', 'made:1'));
  assert.equal([Id, Author, Comment], [id, 'me', 'a message']);
  assert.equal(Config.Cmd, ['cat', '/made/file']);
  assert.equal(Config.Labels, { of: 'tests', x: 'y' });
  assert.ok(['FROM_IMAGE=yes', 'OWN=1', 'MORE=2'].every((each) => Config.Env.includes(each)));
  assert.not(Config.Env.some((each: string) => each.startsWith('HOSTNAME=')));
  assert.equal([Object.keys(Config.ExposedPorts), Config.WorkingDir], [['80/tcp'], '/made']);
  assert.is(await store.must('run', '--rm', '--network', 'none', 'made:1'), 'new\n');
  const shown = await store.must(
    'run',
    '--rm',
    '--network',
    'none',
    'made:1',
    'sh',
    '-c',
    'ls -i /made; ls -d /home/app /bin/nc 2>&1; stat -c %a /etc',
  );
  const [first, second, ...others] = shown.trim().split('\n');
  assert.is(first?.trim().split(' ')[0], second?.trim().split(' ')[0], 'one inode');
  assert.equal(others.filter((line) => /No such file/.test(line)).length, 2);
  assert.ok(others.includes('700'));
  assert.match(await store.must('history', 'made:1'), /a message/);
  await store.must('rmi', 'made:1');
});

asRoot('a stopped container is committed too, and one without changes gives an image without a layer', async () => {
  await store.must('run', '--name', 'done', '--network', 'none', 'bb', 'sh', '-c', 'echo kept > /kept');
  await store.must('commit', 'done', 'kept');
  assert.is(await store.must('run', '--rm', '--network', 'none', 'kept', 'cat', '/kept'), 'kept\n');
  await store.must('create', '--name', 'same', '--network', 'none', 'bb');
  await store.must('commit', 'same', 'equal');
  const layers = async (image: string) => JSON.parse(await store.must('inspect', image))[0].RootFS.Layers;
  assert.equal(await layers('equal'), await layers('bb'));
  await store.must('rm', 'done', 'same');
});

asRoot('an export is the whole root without mounts, and can be imported', async () => {
  const file = join(store.home, 'root.tar');
  await store.must('export', '-o', file, 'busy');
  const folder = join(store.home, 'unpacked');
  mkdirSync(folder);
  execFileSync('tar', ['xf', file, '-C', folder]);
  const paths = pathsBelow(folder);
  for (const path of ['made/file', 'bin/busybox', 'proc', 'data']) assert.ok(paths.includes(path), path);
  assert.not(paths.includes('bin/nc'));
  assert.not(paths.some((path) => /^(?:proc|sys|dev|data)\//.test(path)));
  assert.is(readFileSync(join(folder, 'made/file'), 'utf8'), 'new\n');
  const flags = [
    '-m',
    'flat',
    '-c',
    'ENTRYPOINT ["/bin/cat"]',
    '-c',
    'CMD ["/made/file"]',
    '--platform',
    'linux/amd64',
  ];
  await store.must('import', ...flags, file, 'flat');
  assert.is(await store.must('run', '--rm', '--network', 'none', 'flat'), 'new\n');
  const packed = execFileSync('gzip', ['-c', file], { maxBuffer: 2 ** 28 });
  const id = (await store.mkimage(['import', '-'], { input: packed })).stdout.trim();
  assert.is(await store.must('run', '--rm', '--network', 'none', id, '/bin/cat', '/made/file'), 'new\n');
});

asRoot('what is no archive and what is no setting is refused', async () => {
  const text = join(store.home, 'text');
  writeFileSync(text, 'x'.repeat(2048));
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['import', text, 'x'], /read tar archive/],
    [['commit', '-c', 'RUN true', 'busy'], /RUN is not a valid change command/],
    [['commit', '-c', 'EXPOSE nonsense', 'busy'], /invalid change/],
    [['commit', 'nobody'], /No such container: nobody/],
    [['import', 'https://example.com/x.tar'], /URLs are not supported/],
    [['commit', 'busy', 'UPPER:case'], /invalid|must be/i],
  ];
  for (const [args, message] of cases) {
    const result = await store.mkimage(args);
    assert.is.not(result.code, 0, args.join(' '));
    assert.match(result.stderr, message);
  }
  assert.is((await store.mkimage(['inspect', 'x'])).code, 1, 'nothing is stored');
});

test.run();
