import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileEntry, FileTree } from '../../src/content/index.ts';
import { writeLayout } from '../../src/exporter/image-layout.ts';
import { writeRootfsLocal } from '../../src/exporter/rootfs/rootfs-local.ts';
import { writeRootfsTar } from '../../src/exporter/rootfs/rootfs-tar.ts';
import { subtree } from '../../src/exporter/rootfs/subtree.ts';
import { storedImage } from '../../src/exporter/stored-image.ts';
import { type Change, LayerWriter, type SealedLayer } from '../../src/layer/index.ts';
import { createLayeredTree } from '../../src/layer/tree.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall, type ProgressEvent } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { putImage } from '../support/images.ts';
import { withNeeds } from '../support/needs.ts';
import { refuses, rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('root filesystem export');
const asRoot = withNeeds(test, { root: true });
const call = createQuietCall();
const home = tempDir('rootfs');
const store = LayoutStore.open(join(home, 'store'));

type Attributes = Partial<FileEntry>;

function place(): string {
  return mkdtempSync(join(home, 'place-'));
}

function entry(path: string, type: FileEntry['type'], attributes: Attributes): FileEntry {
  return {
    path,
    type,
    mode: type === 'directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 1_600_000_000,
    ...attributes,
  };
}

const dir = (path: string, attributes: Attributes = {}, opaque = false): Change => ({
  kind: 'put',
  entry: entry(path, 'directory', attributes),
  opaque,
});
const file = (path: string, text: string, attributes: Attributes = {}): Change => ({
  kind: 'put',
  entry: entry(path, 'file', { size: Buffer.byteLength(text), ...attributes }),
  content: { kind: 'bytes', bytes: Buffer.from(text) },
});
const link = (path: string, linkname: string): Change => ({
  kind: 'put',
  entry: entry(path, 'symlink', { mode: 0o777, linkname }),
});
const gone = (path: string): Change => ({ kind: 'delete', path });

async function layer(...changes: readonly Change[]): Promise<SealedLayer> {
  await using writer = new LayerWriter(store);
  await writer.addAll(changes, createQuietCall());
  return await writer.finish();
}

function treeOf(layers: readonly SealedLayer[]): FileTree {
  return createLayeredTree(
    layers.map(({ index }) => index),
    {
      locate: ({ layer: at, entry: { offset, size } }) => ({
        kind: 'host',
        file: store.blobPath(layers[at]!.layer.diffId),
        offset: offset!,
        size,
      }),
      digest: () => digestOf(''),
    },
  );
}

/** Two layers with everything that makes merging hard. */
async function oddLayers(): Promise<readonly SealedLayer[]> {
  const lower = await layer(
    dir('bin'),
    file('bin/su', 'su', { mode: 0o4755 }),
    dir('data', { uid: 1000, gid: 1001, mode: 0o1777 }),
    file('data/a', 'linked', { inode: 'x' }),
    file('data/b', 'linked', { inode: 'x' }),
    file('data/c', 'linked', { inode: 'x' }),
    dir('etc'),
    file('etc/gone', 'x'),
    file('etc/kept', 'kept', { uid: 3_000_000, gid: 5 }),
    file('etc/replaced', 'old'),
    dir('old'),
    dir('old/deep'),
    file('old/deep/hidden', 'x'),
    dir('turns'),
    file('turns/into-file', 'x'),
    file('was-file', 'x'),
    link('sh', 'bin/su'),
    { kind: 'put', entry: entry('fifo', 'fifo', { mode: 0o600 }) },
    file(`${'long-name-'.repeat(15)}`, 'long'),
    file('n\udcffme', 'not UTF-8'),
  );
  const upper = await layer(
    dir('data', { uid: 1000, gid: 1001, mode: 0o1777 }),
    file('data/b', 'on its own'),
    dir('etc'),
    gone('etc/gone'),
    file('etc/replaced', 'new', { mode: 0o600 }),
    dir('old', {}, true),
    file('old/seen', 'seen'),
    gone('turns'),
    file('turns', 'a file now'),
    dir('was-file'),
    file('was-file/inside', 'inside', { xattrs: { 'user.note': Buffer.from([0, 1, 255]).toString('base64') } }),
  );
  return [lower, upper];
}

async function tarOf(tree: FileTree): Promise<string> {
  const dest = join(place(), 'root.tar');
  await writeRootfsTar(tree, { dest, stdout: () => new Writable(), step: 'export/0' }, call);
  return dest;
}

async function localOf(
  tree: FileTree,
  dest = join(place(), 'root'),
  mode: 'copy' | 'delete' = 'copy',
): Promise<string> {
  await writeRootfsLocal(tree, { type: 'local', dest, mode }, { step: 'export/0', call });
  return dest;
}

function list(directory: string): readonly string[] {
  const format = '%P %y %m %U %G %s %Ts %n %l\\n';
  const text = execFileSync('find', ['.', '-mindepth', '1', '-printf', format], { cwd: directory, encoding: 'latin1' });
  const lines = text.split('\n').slice(0, -1).sort();
  // A directory's own size and link count are the host's affair.
  return lines.map((line) => line.replace(/^(\S+ d \S+ \S+ \S+) \d+ (\d+) \d+/, '$1 $2'));
}

asRoot('merges layers into one tar, with owners, modes, hard links and deletions as they are', async () => {
  const root = join(place(), 'unpacked');
  mkdirSync(root);
  execFileSync('tar', [
    '-C',
    root,
    '--xattrs',
    '--xattrs-include=*',
    '--same-owner',
    '-xpf',
    await tarOf(treeOf(await oddLayers())),
  ]);
  const listed = list(root);
  const expected = [
    'bin d 755 0 0 1600000000 ',
    'bin/su f 4755 0 0 2 1600000000 1 ',
    'data d 1777 1000 1001 1600000000 ',
    'data/a f 644 0 0 6 1600000000 2 ',
    'data/b f 644 0 0 10 1600000000 1 ',
    'data/c f 644 0 0 6 1600000000 2 ',
    'etc/kept f 644 3000000 5 4 1600000000 1 ',
    'etc/replaced f 600 0 0 3 1600000000 1 ',
    'fifo p 600 0 0 0 1600000000 1 ',
    'n\u00ffme f 644 0 0 9 1600000000 1 ',
    'old/seen f 644 0 0 4 1600000000 1 ',
    'sh l 777 0 0 6 1600000000 1 bin/su',
    'turns f 644 0 0 10 1600000000 1 ',
    'was-file/inside f 644 0 0 6 1600000000 1 ',
  ];
  for (const line of expected) assert.ok(listed.includes(line), `${line}\nis not among\n${listed.join('\n')}`);
  for (const path of ['etc/gone', 'old/deep', 'turns/into-file']) assert.not.ok(existsSync(join(root, path)), path);
  assert.is(readFileSync(join(root, 'data/c'), 'utf8'), 'linked');
});

asRoot('writes a part of the image, found through the links of the image and never outside of it', async () => {
  const tree = treeOf([
    ...(await oddLayers()),
    await layer(dir('app'), link('app/data', '/data'), link('app/up', '../../../../data'), link('app/out', '/nowhere')),
  ]);
  const expected = list(await localOf(tree)).flatMap((line) => (/^data\//.test(line) ? line.slice(5) : []));
  assert.is(expected.length, 3);
  for (const source of ['data', '/data', 'data/', './bin/../data', 'app/data', '/app/up', '../../data']) {
    assert.equal(list(await localOf(subtree(tree, source))), expected, source);
    const listed = execFileSync('tar', ['-tf', await tarOf(subtree(tree, source))], { encoding: 'utf8' });
    assert.is(listed, 'a\nb\nc\n', source);
  }
  assert.equal(list(await localOf(subtree(tree, '/'))), list(await localOf(tree)));
  assert.is(readFileSync(join(await localOf(subtree(tree, 'data')), 'c'), 'utf8'), 'linked');
  for (const source of ['missing', 'app/out']) await refuses('not-found', () => subtree(tree, source));
  for (const source of ['data/a', 'sh', 'fifo']) await refuses('usage', () => subtree(tree, source));
});

asRoot('writes the same into a directory as into a tar', async () => {
  const tree = treeOf(await oddLayers());
  const root = join(place(), 'unpacked');
  mkdirSync(root);
  execFileSync('tar', ['-C', root, '--xattrs', '--xattrs-include=*', '--same-owner', '-xpf', await tarOf(tree)]);
  assert.equal(list(await localOf(tree)), list(root));
});

withNeeds(test, { root: true, programs: ['umoci'] })('merges layers as umoci does', async () => {
  const layers = await oddLayers();
  const tars = layers.map(({ layer: { diffId } }) => readFileSync(store.blobPath(diffId)));
  const target = putImage(store, { label: 'odd', layers: tars });
  const layout = join(place(), 'layout');
  const platform = { os: 'linux', architecture: 'amd64' };
  await writeLayout(
    [await storedImage(store, target, { names: ['docker.io/library/odd:v1'], platform })],
    { dest: layout, step: 'export/0' },
    call,
  );
  const bundle = join(place(), 'bundle');
  execFileSync('umoci', ['unpack', '--keep-dirlinks', '--image', `${layout}:v1`, bundle], { stdio: 'ignore' });
  // umoci gives directories that an upper layer touched a time of their own.
  const timeless = (lines: readonly string[]) => lines.map((line) => line.replace(/^(\S+ d .*) \d+ $/, '$1'));
  assert.equal(timeless(list(await localOf(treeOf(layers)))), timeless(list(join(bundle, 'rootfs'))));
});

test('writes the same bytes for the same tree', async () => {
  const tree = treeOf([await layer(dir('a'), file('a/b', 'b'), file('c', 'c'))]);
  assert.is(digestOf(readFileSync(await tarOf(tree))), digestOf(readFileSync(await tarOf(tree))));
});

test('writes a tar to stdout', async () => {
  const chunks: Buffer[] = [];
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const tree = treeOf([await layer(file('hello', 'hello'))]);
  await writeRootfsTar(tree, { dest: '-', stdout: () => stdout, step: 'export/0' }, call);
  assert.is(execFileSync('tar', ['-xOf', '-', 'hello'], { input: Buffer.concat(chunks), encoding: 'utf8' }), 'hello');
});

test('replaces what is in the way in a directory and keeps the rest', async () => {
  const dest = place();
  mkdirSync(join(dest, 'kept'));
  mkdirSync(join(dest, 'becomes-file', 'full'), { recursive: true });
  writeFileSync(join(dest, 'kept', 'mine'), 'mine');
  writeFileSync(join(dest, 'becomes-directory'), 'x');
  writeFileSync(join(dest, 'replaced'), 'old', { mode: 0o400 });
  const tree = treeOf([
    await layer(
      file('becomes-file', 'new'),
      dir('becomes-directory'),
      file('becomes-directory/in', 'in'),
      dir('kept'),
      file('replaced', 'new'),
    ),
  ]);
  await localOf(tree, dest);
  assert.is(readFileSync(join(dest, 'becomes-file'), 'utf8'), 'new');
  assert.is(readFileSync(join(dest, 'becomes-directory', 'in'), 'utf8'), 'in');
  assert.is(readFileSync(join(dest, 'replaced'), 'utf8'), 'new');
  assert.is(statSync(join(dest, 'replaced')).mode & 0o777, 0o644);
  assert.is(readFileSync(join(dest, 'kept', 'mine'), 'utf8'), 'mine');
});

test('removes what is not in the image when asked to', async () => {
  const dest = place();
  mkdirSync(join(dest, 'kept'));
  writeFileSync(join(dest, 'kept', 'mine'), 'mine');
  const outside = place();
  writeFileSync(join(outside, 'canary'), 'alive');
  symlinkSync(outside, join(dest, 'stray'));
  await localOf(treeOf([await layer(dir('kept'), file('kept/new', 'new'))]), dest, 'delete');
  assert.equal(readdirSync(dest), ['kept']);
  assert.equal(readdirSync(join(dest, 'kept')), ['new']);
  assert.is(readFileSync(join(outside, 'canary'), 'utf8'), 'alive');
});

test('follows no link that was in the directory before, and none of the image', async () => {
  const outside = place();
  writeFileSync(join(outside, 'canary'), 'alive', { mode: 0o600 });
  const dest = place();
  symlinkSync(outside, join(dest, 'lib'));
  symlinkSync(join(outside, 'canary'), join(dest, 'file'));
  const tree = treeOf([
    await layer(dir('lib', { mode: 0o777 }), file('lib/canary', 'dead'), file('file', 'dead'), link('out', outside)),
    await layer(file('out/canary', 'dead')),
  ]);
  const traces = () => (({ mode, mtimeMs, ctimeMs }) => ({ mode, mtimeMs, ctimeMs }))(statSync(outside));
  const before = traces();
  await localOf(tree, dest);
  assert.is(readFileSync(join(outside, 'canary'), 'utf8'), 'alive');
  assert.equal(traces(), before);
  assert.ok(lstatSync(join(dest, 'lib')).isDirectory());
  assert.ok(!lstatSync(join(dest, 'out')).isSymbolicLink() || readlinkSync(join(dest, 'out')) === outside);
});

for (const path of ['../canary', 'a/../../canary', '/canary', 'a//b', '.', 'nul\0']) {
  test(`does not write to the path ${JSON.stringify(path)}`, async () => {
    const evil = entry(path, 'file', { size: 4 });
    const tree: FileTree = {
      stat: (at) => (at === '' ? entry('', 'directory', {}) : evil),
      list: (at) => (at === '' ? [evil] : []),
      locate: () => ({ kind: 'bytes', bytes: Buffer.from('dead') }),
      digest: () => digestOf('dead'),
    };
    const parent = place();
    await rejects(localOf(tree, join(parent, 'root')), 'invalid-archive', /leads out of/);
    assert.equal(readdirSync(parent), ['root']);
    assert.equal(readdirSync(join(parent, 'root')), []);
  });
}

test('says what is wrong with the place', async () => {
  const tree = treeOf([await layer(file('a', 'a'))]);
  const parent = place();
  writeFileSync(join(parent, 'file'), '');
  await rejects(localOf(tree, join(parent, 'file')), 'usage', /with that name exists/);
});

test('stops when cancelled', async () => {
  const tree = treeOf([await layer(file('a', 'a'))]);
  const events: ProgressEvent[] = [];
  const cancelled = { signal: AbortSignal.abort(), report: (event: ProgressEvent) => events.push(event) };
  const output = { type: 'local' as const, dest: join(place(), 'root'), mode: 'copy' as const };
  await rejects(writeRootfsLocal(tree, output, { step: 'export/0', call: cancelled }), 'cancelled');
  const dest = join(place(), 'root.tar');
  await rejects(writeRootfsTar(tree, { dest, stdout: () => new Writable(), step: 'export/0' }, cancelled), 'cancelled');
  assert.not.ok(existsSync(dest));
});

test.run();
