/** Files of containers, with the built command line: GNU tar judges the archives. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TarWriter } from '../../../src/tar/index.ts';
import { pathsBelow } from '../../support/busybox-root.ts';
import { type ContainerStore, openContainerStore } from '../../support/container-store.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('cp');
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'tar'] });

let store: ContainerStore;
let files: string;
test.before(async () => {
  if (process.getuid?.() !== 0) return;
  store = await openContainerStore('cp');
  files = join(store.home, 'files');
  mkdirSync(join(files, 'src/sub'), { recursive: true });
  writeFileSync(join(files, 'src/a'), 'one\n', { mode: 0o640 });
  writeFileSync(join(files, 'src/sub/b'), 'two\n');
  symlinkSync('a', join(files, 'src/link'));
  await store.must('create', '--name', 'idle', '--network', 'host', 'bb', 'sleep', '60');
  await store.must('run', '-d', '--name', 'busy', '--network', 'host', '-v', 'data:/data', 'bb', 'sleep', '600');
});
test.after(async () => {
  if (process.getuid?.() === 0) await store.must('rm', '-f', '-v', 'idle', 'busy');
});

const list = (tar: string) => execFileSync('tar', ['t'], { input: tar }).toString().split('\n').filter(Boolean).sort();
const listed = async (place: string) => list(await store.must('cp', place, '-'));

for (const container of ['idle', 'busy']) {
  asRoot(`the rules of names are Docker's: ${container}`, async () => {
    const to = (path: string) => `${container}:${path}`;
    await store.must('cp', join(files, 'src'), to('/tmp'));
    await store.must('cp', join(files, 'src'), to('/tmp/new'));
    await store.must('cp', `${join(files, 'src')}/.`, to('/home'));
    await store.must('cp', join(files, 'src/a'), to('/tmp/renamed'));
    assert.equal(await listed(to('/tmp')), [
      'tmp/',
      ...['new/', 'new/a', 'new/link', 'new/sub/', 'new/sub/b', 'renamed'].map((name) => `tmp/${name}`),
      ...['src/', 'src/a', 'src/link', 'src/sub/', 'src/sub/b'].map((name) => `tmp/${name}`),
    ]);
    assert.equal(await listed(to('/tmp/new/.')), ['./', './a', './link', './sub/', './sub/b']);
    assert.ok((await listed(to('/home'))).includes('home/sub/b'));
    const failures: readonly (readonly [target: string, message: RegExp])[] = [
      ['/none/', /no such directory/],
      ['/none/deep/file', /Could not find the file/],
    ];
    for (const [target, message] of failures)
      assert.match((await store.mkimage(['cp', join(files, 'src/a'), to(target)])).stderr, message);
    assert.match((await store.mkimage(['cp', join(files, 'src'), to('/tmp/renamed')])).stderr, /cannot copy directory/);
    const clash = await store.mkimage(['cp', join(files, 'src'), to('/etc/passwd')]);
    assert.is.not(clash.code, 0);
  });

  asRoot(`what comes back is what went in, to a directory, a new name or a followed link: ${container}`, async () => {
    const out = join(store.home, `out-${container}`);
    await store.must('cp', `${container}:/tmp/src`, out);
    assert.equal(pathsBelow(out), ['a', 'link', 'sub', 'sub/b']);
    assert.is(readFileSync(join(out, 'a'), 'utf8'), 'one\n');
    assert.is(lstatSync(join(out, 'a')).mode & 0o7777, 0o640);
    assert.is(readlinkSync(join(out, 'link')), 'a');
    await store.must('cp', `${container}:/tmp/src/sub/.`, out);
    assert.ok(existsSync(join(out, 'b')));
    await store.must('cp', `${container}:/tmp/src/link`, join(out, 'kept'));
    assert.is(readlinkSync(join(out, 'kept')), 'a');
    await store.must('cp', '-L', `${container}:/tmp/src/link`, join(out, 'followed'));
    assert.is(readFileSync(join(out, 'followed'), 'utf8'), 'one\n');
    const missing = await store.mkimage(['cp', `${container}:/tmp/none`, out]);
    assert.is(missing.code, 1);
    assert.match(missing.stderr, new RegExp(`Could not find the file /tmp/none in container ${container}`));
  });

  asRoot(`an archive from standard input is unpacked, also a compressed one: ${container}`, async () => {
    const tar = execFileSync('tar', ['cz', '--owner=7', '--group=8', '-C', files, 'src']);
    const result = await store.mkimage(['cp', '-', `${container}:/root`], { input: tar });
    assert.is(result.code, 0, result.stderr);
    const verbose = execFileSync('tar', ['tv', '--numeric-owner'], {
      input: await store.must('cp', `${container}:/root`, '-'),
    });
    assert.match(verbose.toString(), /^-rw-r----- 7\/8 +4 .* root\/src\/a$/m);
  });

  asRoot(`no path and no symlink leads out of the container: ${container}`, async () => {
    const secret = join(store.home, 'secret');
    writeFileSync(secret, 'of the host\n');
    const tar = tarOf([
      { path: 'up', type: 'symlink', linkname: '../../../../../../../..' },
      { path: 'root', type: 'symlink', linkname: '/' },
      { path: 'loop', type: 'symlink', linkname: 'loop' },
      { path: 'root/tmp/through', type: 'file', content: 'inside\n' },
      { path: `up${secret}`, type: 'file', content: 'inside\n' },
    ]);
    const put = await store.mkimage(['cp', '-', `${container}:/tmp`], { input: tar });
    assert.is(put.code, 0, put.stderr);
    assert.is(readFileSync(secret, 'utf8'), 'of the host\n');
    const readBack = await store.must('cp', `${container}:/tmp/up/../root${secret}`, '-');
    assert.match(readBack, 'inside\n');
    assert.match(await store.must('cp', `${container}:/../../tmp/through`, '-'), 'inside\n');
    assert.match(
      (await store.mkimage(['cp', `${container}:/tmp/loop/x`, '-'])).stderr,
      /too many levels of symbolic links/,
    );
    for (const path of ['../escaped', 'a/../../escaped']) {
      const refused = await store.mkimage(['cp', '-', `${container}:/tmp`], {
        input: tarOf([{ path, type: 'file', content: 'x' }]),
      });
      assert.is(refused.code, 1);
      assert.match(refused.stderr, /outside its root/);
    }
    const linked = tarOf([{ path: 'hard', type: 'hardlink', linkname: `root${secret}x` }]);
    assert.is((await store.mkimage(['cp', '-', `${container}:/tmp`], { input: linked })).code, 1);
  });
}

asRoot('what was copied to a stopped container is there when it starts, and to a running one at once', async () => {
  await store.must('create', '--name', 'first', '--network', 'none', '-u', 'app', 'bb', 'cat', '/home/app/given');
  await store.must('cp', '-a', join(files, 'src/a'), 'first:/home/app/given');
  assert.is(await store.must('start', '-a', 'first'), 'one\n');
  const verbose = execFileSync('tar', ['tv', '--numeric-owner'], {
    input: await store.must('cp', 'first:/home/app/given', '-'),
  });
  assert.match(verbose.toString(), /1234\/5678/);
  await store.must('rm', 'first');
});

asRoot('volumes are reached, and read-only places are refused', async () => {
  await store.must('cp', join(files, 'src/a'), 'busy:/data/file');
  await store.must(
    'create',
    '--name',
    'reader',
    '--network',
    'none',
    '-v',
    'data:/data:ro',
    '--read-only',
    'bb',
    'true',
  );
  assert.equal(await listed('reader:/data'), ['data/', 'data/file']);
  assert.match(
    (await store.mkimage(['cp', join(files, 'src/a'), 'reader:/data/other'])).stderr,
    /mounted volume is marked read-only/,
  );
  assert.match(
    (await store.mkimage(['cp', join(files, 'src/a'), 'reader:/tmp/other'])).stderr,
    /container rootfs is marked read-only/,
  );
  await store.must('rm', 'reader');
});

interface Member {
  readonly path: string;
  readonly type: 'file' | 'symlink' | 'hardlink';
  readonly linkname?: string;
  readonly content?: string;
}

function tarOf(members: readonly Member[]): Buffer {
  const chunks: Buffer[] = [];
  const writer = new TarWriter((bytes) => chunks.push(Buffer.from(bytes)));
  for (const { path, type, linkname, content = '' } of members) {
    const bytes = Buffer.from(content);
    writer.entry({
      path,
      type,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: bytes.length,
      ...(linkname !== undefined && { linkname }),
    });
    if (bytes.length > 0) writer.data(bytes);
  }
  writer.finish();
  return Buffer.concat(chunks);
}

test.run();
